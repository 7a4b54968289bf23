/** The console, whole. Source: people.md §6. */
import 'virtual:tokens.css';
import './styles/main.css';
import { render } from 'preact';
import { App } from './app.tsx';

const place = document.getElementById('console');
if (place !== null) {
  place.replaceChildren();
  render(<App />, place);
}

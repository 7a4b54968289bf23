/** What the build makes into the stylesheet of the page. */
declare module '*.css';

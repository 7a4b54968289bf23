export { demoClientId, demoTokens } from './demo.ts';
export { environment } from './sources.ts';
export { ConfigFaults, globalOauthClientOf, type Config, type ConfigFault, type FixedToken } from './config.ts';
export { loadConfig } from './load.ts';
export { settingsAsMarkdown, settingsRows } from './markdown.ts';

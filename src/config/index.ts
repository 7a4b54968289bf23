export type { Config, FixedToken } from './config.ts';
export { demoClientId, demoTokens } from './demo.ts';
export { environment } from './sources.ts';
export { ConfigFaults, type ConfigFault } from './setting-faults.ts';
export { loadConfig } from './load.ts';
export { settingsAsMarkdown, settingsRows } from './markdown.ts';
export { globalOauthClientOf } from './config.ts';

/** Builds the console into a folder, whole. */
export const buildConsole: (folder: string) => Promise<void>;
/** Serves it from its sources, beside the program; answers how to end that. */
export const serveConsole: (port: number, program: string) => Promise<() => Promise<void>>;

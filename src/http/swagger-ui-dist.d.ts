declare module 'swagger-ui-dist/absolute-path.js' {
  /** The folder of the package on disk. */
  export default function getAbsoluteFSPath(): string;
}

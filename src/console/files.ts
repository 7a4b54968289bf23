/** Gives a file to the browser, to be kept where it keeps files. */
export const keepFile = (name: string, type: string, pieces: readonly string[]): void => {
  const address = URL.createObjectURL(new Blob([...pieces], { type }));
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  // Some browsers begin to read it only later.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
};

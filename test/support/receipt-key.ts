/** An Ed25519 private key, as RECEIPT_KEY takes it; for tests, and so for nobody else. */
export const receiptKey = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.alloc(32, 7),
]).toString('base64');

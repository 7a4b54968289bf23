/** What a header can carry (RFC 6750, 2.1), and no longer than one may be: anything else could only fail later, and differently. */
export const isAccessToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);

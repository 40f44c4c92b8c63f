import { randomInt } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** What an account key made by the emulator looks like: the 84 characters that Azure issues since 2025. */
export const accountKeyPattern = /^[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{18}ACOG[A-Za-z0-9]{4}$/;

/** `length` characters `[A-Za-z0-9]` from the system's random source. */
export function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/**
 * Makes a new account key in Azure's present shape: 52 random characters, `JQQJ99`, 18 characters about date and
 * instance, `ACOG`, 4 more. Source: test/emulator/recordings/js-2025-04-01-preview-key2-84char.json.
 *
 * @param instance 10 characters that all keys of one account share.
 */
export function createAccountKey(instance: string): string {
  return `${randomText(52)}JQQJ99BAAC${instance}AAAEACOG${randomText(4)}`;
}

/** What the server writes back: an object becomes JSON, a string is sent as it is. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

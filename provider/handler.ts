/** What the engine asks of a handler, which checks itself what it is given. */
export interface Handler {
  check(olds: never, news: never): Promise<unknown>;
  diff(id: string, olds: never, news: never): Promise<unknown>;
  create(inputs: never): Promise<unknown>;
  update(id: string, olds: never, news: never): Promise<unknown>;
  read(id: string, props: never): Promise<unknown>;
  /** What is there, for an import: none of it is in state. */
  find(inputs: never): Promise<unknown>;
  delete(id: string, props: never): Promise<unknown>;
}

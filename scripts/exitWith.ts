/** Runs a script's `main`: what it gives is the status that the process ends with, and what it throws is told in a line. */
export async function exitWith(main: () => Promise<number | undefined> | number | undefined): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

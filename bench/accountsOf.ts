export interface BenchmarkAccount {
  resourceGroup: string;
  name: string;
}

/** As many accounts, with names as long as those of real ones. */
export function accountsOf(count: number): BenchmarkAccount[] {
  return Array.from({ length: count }, (_, index) => ({
    resourceGroup: "rg-language-production-westeurope",
    name: `contoso-language-production-${String(index + 1).padStart(3, "0")}`,
  }));
}

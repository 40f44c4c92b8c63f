import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputOf } from "../scripts/childProcess";
import { findInPath } from "../scripts/findInPath";

/** A Terraform, and the folder in which it finds the provider `Azure/azapi`. */
export interface Terraform {
  command: string;
  plugins: string;
  versions: { Terraform: string; azapi: string };
}

/** What a configuration needs so that azapi is installed. */
export const requiredProviders = `terraform {
  required_providers {
    azapi = { source = "Azure/azapi" }
  }
}
`;

const advice =
  "Make a folder with a main.tf that requires Azure/azapi, run `terraform providers mirror DIR` there, " +
  "and set AZAPI_PLUGIN_DIR to DIR.";

/**
 * Finds Terraform (`TERRAFORM`, or `terraform` on PATH), and azapi in `AZAPI_PLUGIN_DIR`. Nothing is downloaded.
 *
 * @returns what is missing, for people, where something is
 */
export async function findTerraform(env: NodeJS.ProcessEnv): Promise<Terraform | string> {
  const command = env.TERRAFORM || findInPath("terraform", env.PATH ?? "");
  if (!command) return "There is no `terraform` on PATH. Install Terraform, or set TERRAFORM to its file.";
  const plugins = env.AZAPI_PLUGIN_DIR;
  if (!plugins) return `AZAPI_PLUGIN_DIR is not set. ${advice}`;
  const folder = mkdtempSync(join(tmpdir(), "terraform-"));
  try {
    writeFileSync(join(folder, "main.tf"), requiredProviders);
    const options = { cwd: folder, env: terraformEnvironment(plugins, folder) };
    await outputOf(command, ["version"], options);
    try {
      await outputOf(command, initialization, options);
    } catch (error) {
      return `AZAPI_PLUGIN_DIR (${plugins}) has no azapi that works here. ${advice}\n${(error as Error).message}`;
    }
    const found = JSON.parse(await outputOf(command, ["version", "-json"], options));
    const azapi = found.provider_selections["registry.terraform.io/azure/azapi"];
    return { command, plugins, versions: { Terraform: found.terraform_version, azapi } };
  } catch (error) {
    return `Terraform does not work: ${(error as Error).message}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const initialization = ["init", "-input=false", "-no-color"];

/**
 * The environment of a Terraform that installs providers from one folder only. The settings of its user, and what would
 * lead it elsewhere, are left out.
 *
 * @param folder gets its settings
 */
export function terraformEnvironment(plugins: string, folder: string): NodeJS.ProcessEnv {
  const settings = join(folder, "terraform.rc");
  writeFileSync(
    settings,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror { path = ${JSON.stringify(plugins)} }\n}\n`,
  );
  const kept = Object.entries(process.env).filter(([name]) => !/^(TF|ARM|AZURE|MSI|IDENTITY|PULUMI)_/.test(name));
  return { ...Object.fromEntries(kept), TF_CLI_CONFIG_FILE: settings };
}

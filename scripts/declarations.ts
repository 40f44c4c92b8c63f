import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const root = resolve(__dirname, "..");

/** A property of a declared class, interface or object type. */
export interface DeclaredProperty {
  name: string;
  type: ts.TypeNode;
  isOptional: boolean;
  /** In Markdown: the comment, its `@default` and its `@example`. */
  description: string;
}

/** A class, an interface or the name of a type. */
export type Declaration = ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** What files declare at their top level, by name. Only parsed: the compiler would read azure-native's types first. */
export function declarationsIn(...files: string[]): Map<string, Declaration> {
  return new Map(
    files
      .flatMap((file) => [...parsed(file).statements])
      .filter((one) => ts.isClassDeclaration(one) || ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one))
      .map((one) => [one.name?.text ?? "", one]),
  );
}

/** The comments of the properties of an object that a file declares at its top level, by their names. */
export function commentsOf(object: string, file: string): Record<string, string> {
  const [literal] = parsed(file)
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .filter(({ name }) => name.getText() === object)
    .map(({ initializer }) => initializer && withoutAssertions(initializer));
  if (literal === undefined || !ts.isObjectLiteralExpression(literal)) throw new Error(`${file} has no ${object}`);
  return Object.fromEntries(literal.properties.map((one) => [one.name?.getText(), descriptionOf(one)]));
}

function withoutAssertions(expression: ts.Expression): ts.Expression {
  const isAssertion = ts.isSatisfiesExpression(expression) || ts.isAsExpression(expression);
  return isAssertion ? withoutAssertions(expression.expression) : expression;
}

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
}

/** The properties of a class or an interface, those of its bases first, as far as they are declared in the same files. */
export function propertiesOf(name: string, declarations: ReadonlyMap<string, Declaration>): DeclaredProperty[] {
  const declaration = declarations.get(name);
  if (declaration === undefined || ts.isTypeAliasDeclaration(declaration)) return [];
  const bases = (declaration.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression));
  return [...bases.flatMap((base) => propertiesOf(base.getText(), declarations)), ...membersOf(declaration)];
}

/** The properties that a node itself lists. */
export function membersOf({ members }: { members: ts.NodeArray<ts.Node> }): DeclaredProperty[] {
  return members.flatMap((member) => {
    if (!ts.isPropertyDeclaration(member) && !ts.isPropertySignature(member)) return [];
    const { name, type, questionToken } = member;
    if (type === undefined) throw new Error(`${name.getText()} is declared without a type`);
    return [
      { name: name.getText(), type, isOptional: questionToken !== undefined, description: descriptionOf(member) },
    ];
  });
}

/** The comment of a declaration, without what is true of dynamic resources only (`@dynamic`). */
export function descriptionOf(node: ts.Node): string {
  const comment = node.getChildren().find(ts.isJSDoc);
  if (comment === undefined) return "";
  const tagged = (name: string, word: string): string[] =>
    (comment.tags ?? [])
      .filter(({ tagName }) => tagName.text === name)
      .map((tag) => `${word}: ${asCode(textOf(tag.comment))}.`);
  return [textOf(comment.comment), ...tagged("default", "Default"), ...tagged("example", "Example")].join("\n\n");
}

/** Without the line breaks that the width of the source makes. */
function textOf(comment: ts.JSDoc["comment"]): string {
  return (ts.getTextOfJSDocComment(comment) ?? "").replace(/(?<!\n)\n(?!\n)/g, " ");
}

/** A default or an example that is a value, and not a sentence. */
function asCode(text: string): string {
  try {
    JSON.parse(text);
    return `\`${text}\``;
  } catch {
    return text;
  }
}

export const packageName = "pulumi-cognitive-key-rotation";

/**
 * The classes whose code runs in the engine's provider process: the handler of dynamicProvider.ts that each asks for, and how
 * it deletes without the package, where not every deletion goes through.
 */
const parts = {
  RotatingCognitiveAccountKey: { handler: "key", deletes: ",delete:(_,p)=>p.revokeOnDelete&&n()" },
  RotatingCognitiveAccountKeyPair: { handler: "keyPair", deletes: "" },
} as const;

export type ClassName = keyof typeof parts;

/**
 * The code that Pulumi stores with every resource and runs in its provider process. It is in the state of every stack
 * there is, so it never changes between releases; what changes is the module it asks for. Without the package only the
 * deletion of a key that is not to be revoked goes through.
 *
 * It is what `pulumi.dynamic.Resource` would store, without its serialiser (docs/decisions/001-provider-text.md). Its
 * quotes are single because state is JSON, which escapes the others.
 */
export function providerText(className: ClassName): string {
  const { handler, deletes } = parts[className];
  return (
    `exports.handler=(n='${packageName}')=>{try{return require(n+'/provider').${handler}}catch(e){e.stack='';` +
    "e.message=e.code+': install '+n+' in '+process.cwd()+' [not-installed]';n=()=>{throw e};" +
    `return{check:n,read:n${deletes}}}}`
  );
}

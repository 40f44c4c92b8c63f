export const packageName = "pulumi-cognitive-key-rotation";

/** The classes whose code runs in the engine's provider process, with the handler of dynamicProvider.ts that each asks for. */
const handlers = { RotatingCognitiveAccountKey: "key", RotatingCognitiveAccountKeyPair: "keyPair" } as const;

export type ClassName = keyof typeof handlers;

/**
 * The code that Pulumi stores with every resource and runs in its provider process. It is in the state of every stack
 * there is, so it never changes between releases; what changes is the module it asks for. Without the package only the
 * deletion of a key that is not to be revoked goes through.
 *
 * It is what `pulumi.dynamic.Resource` would store, without its serialiser (docs/decisions/001-provider-text.md). Its
 * quotes are single because state is JSON, which escapes the others.
 */
export function providerText(className: ClassName): string {
  return (
    `exports.handler=(n='${packageName}')=>{try{return require(n+'/provider').${handlers[className]}}catch(e){` +
    "e.message='add '+n+' to the package.json of '+process.cwd()+' and install it ('+e.code+') [not-installed]';e.stack='';" +
    "let t=()=>{throw e};return{check:t,read:t,delete:(_,p)=>p.revokeOnDelete&&t()}}}"
  );
}

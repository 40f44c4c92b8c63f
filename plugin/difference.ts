import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";

const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = PropertyDiff.Kind;

/**
 * What a comparison has found, so that a person sees why there is something to do.
 *
 * @param due the properties because of which
 */
export function difference(due: string[], replace: boolean, olds: object, news: object): DiffResponse {
  const response = new DiffResponse();
  response.setChanges(due.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setDiffsList(due);
  if (replace) response.setReplacesList(due);
  for (const property of due) {
    const entry = new PropertyDiff();
    if (!(property in olds)) entry.setKind(replace ? ADD_REPLACE : ADD);
    else if (property in news) entry.setKind(replace ? UPDATE_REPLACE : UPDATE);
    else entry.setKind(replace ? DELETE_REPLACE : DELETE);
    response.getDetaileddiffMap().set(property, entry);
  }
  return response;
}

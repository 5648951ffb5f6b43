import type { DynamicProvider } from "./dynamic-provider";

type Props = Record<string, unknown>;

/** Asks as the engine does for a preview: the inputs of a program against what a state holds of the resource. */
export async function expectNoChange(provider: DynamicProvider, id: string, olds: Props, news: Props): Promise<void> {
  const checked = await provider.check(news, olds);
  expect(checked.failures).toEqual([]);
  expect(await provider.diff(id, olds, checked.inputs)).toEqual({ changes: false, replaces: [] });
}

export interface MinifiedPackage {
  readonly name: string
  readonly dir: string
  readonly bytes: number
  readonly goal: number
  readonly limit: number
}

export const KIB: number

export function minifiedPackages(): Promise<MinifiedPackage[]>

export function minifiedModules(
  dir: string
): Promise<readonly { readonly name: string; readonly bytes: number }[]>

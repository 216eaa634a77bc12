/** What commands print with; cli.ts hands it in. */
export interface Output {
  print: (line: string) => void;
}

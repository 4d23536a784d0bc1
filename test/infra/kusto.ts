/// <reference types="@kusto/language-service-next" />
import '@kusto/language-service-next/bridge.min.js';
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js';

/** Columns of the table as its reference tells them (Azure Monitor Logs reference, AppTraces), but for those of browsers. */
const APP_TRACES =
  '(TimeGenerated: datetime, Message: string, SeverityLevel: int, Properties: dynamic, Measurements: dynamic, OperationId: string, OperationName: string, ParentId: string, AppRoleName: string, AppRoleInstance: string, AppVersion: string, ItemCount: int, SDKVersion: string, ResourceGUID: string, TenantId: string, Type: string, _ResourceId: string, _SubscriptionId: string)';

const { KustoCode, GlobalState } = Kusto.Language;
const { DatabaseSymbol, TableSymbol } = Kusto.Language.Symbols;
const { BinaryExpression, FunctionCallExpression, InExpression, LiteralExpression, PathExpression } =
  Kusto.Language.Syntax;
type SyntaxNode = Kusto.Language.Syntax.SyntaxNode;

const table = new TableSymbol.$ctor7('AppTraces', APP_TRACES, null);
const globals = GlobalState.Default?.WithDatabase(new DatabaseSymbol.ctor('workspace', [table])) ?? null;

/** A member of a dynamic value that a query reads. */
export interface MemberRead {
  /** The value, as it is named in the query. */
  of: string;
  member: string;
  /** The function it is given to, such as `tostring`; undefined where it stands by itself. */
  given: string | undefined;
}

export interface Analyzed {
  /** What the language service finds wrong, in its words. */
  faults: string[];
  /** Types of the columns of the result by name. */
  columns: Record<string, string>;
  members: MemberRead[];
  /** Strings that something is compared with. */
  compared: string[];
}

/** What Microsoft's own language service makes of a query over the workspace. */
export function analyze(query: string): Analyzed {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const syntax = code?.Syntax;
  if (!code || !syntax) throw new Error('The language service gave nothing.');
  const { ResultType: result } = code;
  const columns = result instanceof TableSymbol ? listed(result.Columns) : [];
  return {
    faults: listed(code.GetDiagnostics()).map((fault) => `${fault.Start}: ${fault.Message}`),
    columns: Object.fromEntries(columns.map((column) => [column.Name ?? '', column.Type?.Name ?? ''])),
    members: listed(syntax.GetDescendants(PathExpression)).map((path) => {
      const call = listParent(path);
      return {
        of: textOf(path.Expression),
        member: textOf(path.Selector),
        given: call instanceof FunctionCallExpression ? textOf(call.Name) : undefined,
      };
    }),
    compared: listed(syntax.GetDescendants(LiteralExpression))
      .filter((literal) => literal.Parent instanceof BinaryExpression || listParent(literal) instanceof InExpression)
      .map(({ LiteralValue }) => LiteralValue)
      .filter((value) => typeof value === 'string'),
  };
}

/** Whose list of expressions a node is an item of. */
const listParent = (node: SyntaxNode) => node.Parent?.Parent?.Parent?.Parent;

const textOf = (node: SyntaxNode | null): string => node?.toString()?.trim() ?? '';

function listed<T>(list: System.Collections.Generic.IReadOnlyList$1<T> | null): T[] {
  return list ? Array.from({ length: list.Count }, (_, index) => list.getItem(index)) : [];
}

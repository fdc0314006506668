import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { quantilesOf } from './quantiles-of.ts';
import { readRules } from './read-rules.ts';
import { keyOf, type Sample, samplesOf, type Vector } from './scrape.ts';

interface Scrapes {
  /** In the text exposition format. */
  now: string;
  /** What was scraped before it: rates and increases are those in between, as though it had gone on so. */
  before?: string;
  /** What was scraped before that, oldest first: changes are between any two that follow each other. */
  earlier?: readonly string[];
  /** Between the two; what Prometheus is set to unless told. */
  seconds?: number;
}

/**
 * Where the condition of an alert holds, by its own expression, of what processes export. How long it must hold (`for`) is
 * not asked.
 * @returns labels and value of each; none where all is well
 * @throws Error when there is no such alert, or its expression asks for what this can't compute
 */
export function firing(alert: string, scrapes: Scrapes): Vector {
  const rule = readRules().find((one) => one.alert === alert);
  if (!rule) throw new Error(`there is no alert ${alert}`);
  return evaluate(rule.expr, scrapes);
}

/** Exported for its test. The part of PromQL that alerts are written in. */
export function evaluate(
  expression: string,
  { now, before = '', earlier = [], seconds = 10 }: Scrapes,
): Vector {
  const samples = { now: samplesOf(now), before: samplesOf(before), earlier: earlier.map(samplesOf) };
  const text = (node: SyntaxNode | null) => (node ? expression.slice(node.from, node.to) : '');
  const top = parser.parse(expression).topNode.firstChild;
  if (!top) throw new Error('there is no expression');
  return vector(top);

  function value(node: SyntaxNode): Vector | number {
    if (node.name === 'NumberDurationLiteral') return Number(text(node));
    if (node.name === 'VectorSelector') return select(node, samples.now);
    if (node.name === 'AggregateExpr') return aggregate(node);
    if (node.name === 'FunctionCall') return call(node);
    if (node.name === 'BinaryExpr') return combine(node);
    throw new Error(`${node.name} is not computed here: ${text(node)}`);
  }

  function vector(node: SyntaxNode): Vector {
    const found = value(node);
    if (typeof found === 'number') throw new Error(`${text(node)} is a number`);
    return found;
  }

  function select(node: SyntaxNode, of: readonly Sample[]): Vector {
    const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(
      (matcher): ((labels: Sample['labels']) => boolean) => {
        const [label, op, wanted] = ['LabelName', 'MatchOp', 'StringLiteral'].map((name) =>
          text(matcher.getChild(name)),
        );
        const plain = JSON.parse(wanted ?? '');
        const pattern = op?.includes('~') ? new RegExp(`^(?:${plain})$`) : undefined;
        return (labels) => {
          const given = labels[label ?? ''] ?? '';
          return (pattern ? pattern.test(given) : given === plain) === op?.startsWith('=');
        };
      },
    );
    const name = text(node.getChild('Identifier'));
    return of
      .filter((one) => one.name === name && matchers.every((matches) => matches(one.labels)))
      .map(({ labels, value: of }) => ({ labels, value: of }));
  }

  function call(node: SyntaxNode): Vector {
    const name = text(node.getChild('FunctionIdentifier'));
    const [first, second] = argumentsOf(node);
    if (name === 'histogram_quantile' && first && second)
      return quantilesOf(Number(text(first)), vector(second));
    const selector = first?.getChild('VectorSelector');
    if (selector && name === 'changes') return changes(selector);
    if (!selector || !['rate', 'increase'].includes(name)) throw new Error(`${name} is not computed here`);
    const earlier = new Map(select(selector, samples.before).map((one) => [keyOf(one.labels), one.value]));
    // What was not there before has no increase, however much it is now.
    return select(selector, samples.now).flatMap(({ labels, value: of }) => {
      const from = earlier.get(keyOf(labels));
      if (from === undefined) return [];
      return [{ labels, value: (of - from) / (name === 'rate' ? seconds : 1) }];
    });
  }

  function changes(selector: SyntaxNode): Vector {
    const scrapes = [...samples.earlier, samples.before, samples.now].map((of) => select(selector, of));
    return select(selector, samples.now).map(({ labels }) => {
      const values = scrapes.flatMap((scraped) =>
        scraped.filter((one) => keyOf(one.labels) === keyOf(labels)).map((one) => one.value),
      );
      return { labels, value: values.filter((of, at) => at > 0 && of !== values[at - 1]).length };
    });
  }

  function aggregate(node: SyntaxNode): Vector {
    const [of] = argumentsOf(node);
    const modifier = node.getChild('AggregateModifier');
    const operator = text(node.getChild('AggregateOp'));
    if (!of || !['sum', 'max'].includes(operator) || (modifier && !modifier.getChild('By')))
      throw new Error(`this aggregate is not computed here: ${text(node)}`);
    const by = modifier?.getChild('GroupingLabels')?.getChildren('LabelName').map(text) ?? [];
    const narrowed = vector(of).map(({ labels, value: one }) => ({
      labels: Object.fromEntries(by.flatMap((name) => (name in labels ? [[name, labels[name] ?? '']] : []))),
      value: one,
    }));
    return [...Map.groupBy(narrowed, ({ labels }) => keyOf(labels)).values()].map((group) => {
      const values = group.map((one) => one.value);
      return {
        labels: group[0]?.labels ?? {},
        value: operator === 'max' ? Math.max(...values) : values.reduce((sum, one) => sum + one, 0),
      };
    });
  }

  function combine(node: SyntaxNode): Vector {
    const [left, operator, right] = [node.firstChild, node.firstChild?.nextSibling, node.lastChild];
    if (!left || !operator || !right) throw new Error('what is combined?');
    const [one, other] = [vector(left), value(right)];
    if (typeof other === 'number') {
      if (operator.name === 'Gtr') return one.filter(({ value: of }) => of > other);
      if (operator.name === 'Eql') return one.filter(({ value: of }) => of === other);
    } else {
      const byKey = (from: Vector) => new Map(from.map((sample) => [keyOf(sample.labels), sample]));
      if (operator.name === 'Or') return [...new Map([...byKey(other), ...byKey(one)]).values()];
      const divisors = byKey(other);
      if (operator.name === 'Div')
        return one.flatMap(({ labels, value: of }) => {
          const by = divisors.get(keyOf(labels));
          return by ? [{ labels, value: of / by.value }] : [];
        });
    }
    throw new Error(`${operator.name} is not computed here`);
  }
}

function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let one = node.getChild('FunctionCallBody')?.firstChild; one; one = one.nextSibling)
    if (!/^[(),]$/.test(one.name)) found.push(one);
  return found;
}

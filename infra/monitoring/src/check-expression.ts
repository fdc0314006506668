import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/**
 * What is wrong with an expression of PromQL: that it can't be parsed, or names a series or label that no process exports.
 * @param series by name, with the labels that each has
 */
export function checkExpression(
  expression: string,
  series: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const faults: string[] = [];
  const text = (node: SyntaxNode) => expression.slice(node.from, node.to);
  parser.parse(expression).iterate({
    enter({ node, type }) {
      if (type.isError) faults.push(`can’t be parsed at ${node.from}`);
      if (type.name !== 'VectorSelector') return;
      const name = node.getChild('Identifier');
      const labels = name ? series.get(text(name)) : undefined;
      if (!name || !labels) faults.push(`there is no series ${name ? text(name) : text(node)}`);
      else
        for (const label of [...labelsIn(node, text), ...groupingOf(node, text)])
          if (!labels.has(label)) faults.push(`${text(name)} has no label ${label}`);
    },
  });
  return faults;
}

function labelsIn(node: SyntaxNode, text: (node: SyntaxNode) => string): string[] {
  const found: string[] = [];
  node
    .getChild('LabelMatchers')
    ?.cursor()
    .iterate((inner) => {
      if (inner.name === 'LabelName') found.push(text(inner.node));
    });
  return found;
}

/** Labels that an aggregation around the selector groups by. */
function groupingOf(node: SyntaxNode, text: (node: SyntaxNode) => string): string[] {
  const found: string[] = [];
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (outer.name !== 'AggregateExpr') continue;
    const modifier = outer.getChild('AggregateModifier');
    if (modifier?.getChild('By') === null) continue;
    modifier?.cursor().iterate((inner) => {
      if (inner.name === 'LabelName') found.push(text(inner.node));
    });
  }
  return found;
}

interface Quote {
  symbol: string;
  price: number;
}

const quotes: Map<string, Quote> = new Map();

export function serve(symbol: string): Quote {
  const quote: Quote = { symbol, price: symbol.length };
  quotes.set(symbol, quote);
  return quote;
}

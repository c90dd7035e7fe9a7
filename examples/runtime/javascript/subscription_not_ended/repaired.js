class Subject {
  constructor() {
    this.observers = new Set();
  }

  subscribe(observer) {
    this.observers.add(observer);
    return { unsubscribe: () => this.observers.delete(observer) };
  }
}

const changes$ = new Subject();

class Prices {
  ngOnInit() {
    this.subscription = changes$.subscribe((quote) => this.show(quote));
  }

  ngOnDestroy() {
    this.subscription.unsubscribe();
  }

  show(quote) {
    this.quote = quote;
  }
}

function serve() {
  const prices = new Prices();
  prices.ngOnInit();
  prices.ngOnDestroy();
}

module.exports = { serve };

package leaklint_inside;

/** What a workload looks like from here; `leaklint` writes the class that implements it. */
public interface Calls {
  void iterate(int i) throws Throwable;

  Object workload();
}

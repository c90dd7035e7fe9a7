package leaklint_inside;

/** Where the debugger puts objects for the agent to remember weakly. Emptied before every collection. */
public final class Handed {
  /** Living owners of the field that watch number `watch` reads. */
  public static Object[] owners;

  /** By watch: the receiver that was seen at the retain site. */
  public static Object[] targets;

  /** What was made while births are counted. */
  public static Object[] made;

  private Handed() {}
}

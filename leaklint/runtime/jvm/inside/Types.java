package leaklint_inside;

/** Names of classes for people. */
final class Types {
  private Types() {}

  static String simple(Class<?> type) {
    if (type.isArray()) return simple(type.getComponentType()) + "[]";
    String name = type.getName();
    int lambda = name.indexOf("$$Lambda");
    if (lambda >= 0) name = name.substring(0, lambda) + ".lambda";
    return readable(name.substring(name.lastIndexOf('.', lambda < 0 ? name.length() : lambda - 1) + 1));
  }

  static String readable(String name) {
    return name.replace('$', '.');
  }
}

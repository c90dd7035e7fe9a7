/** Values by type, new for each call; the same number gives equal ones. */
final class Made {
    private static final int DEPTH = 4;
    private static final int AS_IT_IS = -1; // what calls are made on is not filled
    private static final java.util.Map<Object, Object> LATEST = new java.util.HashMap<>();
    static final Class<?>[] CLASSES = {String.class, Integer.class, Thread.class, java.util.List.class, int[].class};

    private static final String[] CASTS = {};

    /** What a program has one of: made when it is asked for, and never ended. */
    static final class Shared {
        static final java.util.Timer TIMER = new java.util.Timer(true);
        static final java.util.concurrent.ScheduledExecutorService CLOCK =
                new java.util.concurrent.ScheduledThreadPoolExecutor(1, task -> {
                    Thread thread = new Thread(task);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    static int fails; // the call of what was made up that throws, counted from 1; 0 for none
    private static int calls;

    /** A call of what was made up. */
    static void count() {
        calls += 1;
        if (calls == fails) {
            throw new IllegalStateException("made to fail");
        }
    }

    /** Starts a call: it is given new objects. */
    static void begin() {
        LATEST.clear();
        calls = 0;
    }

    static <T> T of(Class<T> type, int i) throws Exception {
        return cast(type, value(type, i, 0));
    }

    /** A class that cannot be named here. */
    static Class<?> type(Class<?> outer, String inner) throws Exception {
        return Class.forName(outer.getName() + "$" + inner, true, outer.getClassLoader());
    }

    /** Calls a method of any visibility, as `name(types)`; target: an object or a class. */
    static Object call(Object target, String signature, int i, Object... given) throws Exception {
        Class<?> start = target instanceof Class<?> known ? known : target.getClass();
        for (Class<?> type = start; type != null; type = type.getSuperclass()) {
            for (var method : type.getDeclaredMethods()) {
                if (!method.isBridge() && signature(method.getName(), method).equals(signature)) {
                    method.setAccessible(true);
                    Object[] arguments = arguments(method, given, i, 0);
                    return invoke(() -> method.invoke(target, arguments));
                }
            }
        }
        throw new NoSuchMethodException(start.getName() + "." + signature);
    }

    /** A new object by one constructor of any visibility, as `(types)`. */
    static Object construct(Class<?> type, String signature, int i, Object... given) throws Exception {
        for (var constructor : type.getDeclaredConstructors()) {
            if (signature("", constructor).equals(signature)) {
                return construct(constructor, arguments(constructor, given, i, 0));
            }
        }
        throw new NoSuchMethodException(type.getName() + signature);
    }

    /** An object to call methods on: the one that there is, else a new one. */
    static Object instance(Class<?> type, int i) throws Exception {
        Object single = single(type);
        return single != null ? single : made(type, i, AS_IT_IS);
    }

    /** Uses and ends what a call has given, as a caller would. */
    static void end(Object result) throws Exception {
        if (result instanceof java.util.concurrent.ScheduledFuture<?> task) {
            task.cancel(false);
        } else if (result instanceof java.util.concurrent.Future<?> future) {
            future.get(5, java.util.concurrent.TimeUnit.SECONDS);
        } else if (result instanceof java.util.stream.BaseStream<?, ?> stream) {
            exhaust(stream.iterator());
            stream.close();
        } else if (result instanceof java.util.Iterator<?> iterator) {
            exhaust(iterator);
        } else if (result instanceof java.util.concurrent.ExecutorService executor) {
            executor.shutdownNow();
        } else if (result instanceof AutoCloseable open) {
            open.close();
        }
    }

    private static void exhaust(java.util.Iterator<?> iterator) {
        for (int n = 0; n < 1000 && iterator.hasNext(); n++) {
            iterator.next();
        }
    }

    private static Object value(java.lang.reflect.Type type, int i, int depth) throws Exception {
        if (type instanceof java.lang.reflect.WildcardType any) {
            return value(any.getLowerBounds().length > 0 ? any.getLowerBounds()[0] : any.getUpperBounds()[0], i, depth);
        }
        if (type instanceof java.lang.reflect.TypeVariable<?> variable) {
            var bound = variable.getBounds()[0];
            return value(raw(bound) == Comparable.class ? String.class : raw(bound), i, depth);
        }
        String key = type.getTypeName() + " " + i;
        if (!LATEST.containsKey(key)) {
            LATEST.put(key, fresh(type, raw(type), i, depth));
        }
        return LATEST.get(key);
    }

    private static Object fresh(java.lang.reflect.Type type, Class<?> raw, int i, int depth) throws Exception {
        Object known = library(type, raw, i, depth);
        if (known != null) {
            return known;
        }
        if (raw.isArray()) {
            Object array = java.lang.reflect.Array.newInstance(raw.getComponentType(), 1);
            java.lang.reflect.Array.set(array, 0, value(element(type, raw), i, depth));
            return array;
        }
        if (raw.isEnum()) {
            return raw.getEnumConstants()[i % raw.getEnumConstants().length];
        }
        if (depth >= DEPTH) {
            return null;
        }
        if (raw.isSealed()) {
            return value(raw.getPermittedSubclasses()[0], i, depth + 1);
        }
        return raw.isInterface() ? proxy(type, raw, i, depth) : made(raw, i, depth);
    }

    private static Object library(java.lang.reflect.Type type, Class<?> raw, int i, int depth) throws Exception {
        switch (raw.getName()) {
            // LIBRARY
            default:
                return null;
        }
    }

    /** By the constructor that asks for most of what is simple, else for least; else by what gives one away. */
    private static Object made(Class<?> type, int i, int depth) throws Exception {
        var constructors = new java.util.ArrayList<>(java.util.List.of(type.getDeclaredConstructors()));
        constructors.sort(java.util.Comparator.comparingInt(Made::effort));
        Throwable first = null;
        for (var constructor : constructors) {
            boolean hidden = java.lang.reflect.Modifier.isPrivate(constructor.getModifiers());
            if (java.lang.reflect.Modifier.isAbstract(type.getModifiers()) || (hidden && single(type) != null)) {
                continue;
            }
            try {
                Object made = construct(constructor, arguments(constructor, new Object[0], i, depth + 1));
                return depth == AS_IT_IS || constructor.getParameterCount() > 0 ? made : filled(made, i);
            } catch (Exception | LinkageError error) {
                first = first == null ? error : first;
            }
        }
        Object single = single(type);
        if (single == null) {
            throw new IllegalArgumentException("no " + type.getName() + " can be made", first);
        }
        return single;
    }

    /** Gives a bean its properties, where they are plain values. */
    private static Object filled(Object bean, int i) throws Exception {
        for (var method : bean.getClass().getMethods()) {
            boolean sets = method.getName().startsWith("set") && method.getParameterCount() == 1;
            Class<?> type = sets ? method.getParameterTypes()[0] : null;
            boolean plain = sets && (type == String.class || type.isPrimitive() || Number.class.isAssignableFrom(type));
            if (plain && !java.lang.reflect.Modifier.isStatic(method.getModifiers())) {
                method.setAccessible(true);
                Object value = value(type, i, DEPTH);
                invoke(() -> method.invoke(bean, value));
            }
        }
        return bean;
    }

    private static int effort(java.lang.reflect.Constructor<?> constructor) {
        int effort = java.lang.reflect.Modifier.isPrivate(constructor.getModifiers()) ? 10_000 : 0;
        boolean simple = true;
        for (Class<?> type : constructor.getParameterTypes()) {
            simple &= type.isPrimitive() || type.isEnum() || type.getName().startsWith("java.") && !type.isInterface();
        }
        return effort + (simple ? 50 - constructor.getParameterCount() : 100 + constructor.getParameterCount());
    }

    /** The only object of an enum or a singleton; null for other classes. */
    private static Object single(Class<?> type) throws Exception {
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        for (var constructor : type.getDeclaredConstructors()) {
            boolean hidden = java.lang.reflect.Modifier.isPrivate(constructor.getModifiers());
            if (!hidden && !java.lang.reflect.Modifier.isAbstract(type.getModifiers())) {
                return null;
            }
        }
        for (var method : type.getDeclaredMethods()) {
            boolean gives = method.getReturnType() == type && method.getParameterCount() == 0;
            if (gives && java.lang.reflect.Modifier.isStatic(method.getModifiers())) {
                method.setAccessible(true);
                return invoke(() -> method.invoke(null));
            }
        }
        for (var field : type.getDeclaredFields()) {
            if (field.getType() == type && java.lang.reflect.Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                return field.get(null);
            }
        }
        return null;
    }

    private static Object construct(java.lang.reflect.Constructor<?> constructor, Object[] given) throws Exception {
        constructor.setAccessible(true);
        return invoke(() -> constructor.newInstance(given));
    }

    private static boolean inner(java.lang.reflect.Executable target) {
        Class<?> type = target.getDeclaringClass();
        boolean nested = type.isMemberClass() && !java.lang.reflect.Modifier.isStatic(type.getModifiers());
        return nested && target instanceof java.lang.reflect.Constructor;
    }

    private static Object[] arguments(java.lang.reflect.Executable target, Object[] given, int i, int depth)
            throws Exception {
        Class<?>[] types = target.getParameterTypes();
        java.lang.reflect.Type[] generic = target.getGenericParameterTypes();
        Object[] arguments = new Object[types.length];
        int outer = inner(target) ? 1 : 0;
        for (int n = 0; n < types.length; n++) {
            boolean told = n >= outer && n - outer < given.length;
            var type = n < outer ? types[n] : generic[n - types.length + generic.length];
            arguments[n] = told ? given[n - outer] : n < outer ? instance(types[n], i) : value(type, i, depth);
        }
        return arguments;
    }

    private static String signature(String name, java.lang.reflect.Executable target) {
        Class<?>[] types = target.getParameterTypes();
        java.lang.reflect.Type[] generic = target.getGenericParameterTypes();
        var words = new java.util.StringJoiner(", ", name + "(", ")");
        for (int n = inner(target) ? 1 : 0; n < types.length; n++) {
            words.add(name(generic[n - types.length + generic.length]));
        }
        return words.toString();
    }

    private static String name(java.lang.reflect.Type type) {
        if (type instanceof java.lang.reflect.GenericArrayType array) {
            return name(array.getGenericComponentType()) + "[]";
        }
        return type instanceof java.lang.reflect.TypeVariable<?> variable ? variable.getName() : raw(type).getSimpleName();
    }

    private static Class<?> raw(java.lang.reflect.Type type) {
        if (type instanceof java.lang.reflect.ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        }
        if (type instanceof java.lang.reflect.GenericArrayType array) {
            return raw(array.getGenericComponentType()).arrayType();
        }
        if (type instanceof java.lang.reflect.TypeVariable<?> variable) {
            return raw(variable.getBounds()[0]);
        }
        return type instanceof Class<?> known ? known : Object.class;
    }

    private static java.lang.reflect.Type element(java.lang.reflect.Type type, Class<?> raw) {
        return type instanceof java.lang.reflect.GenericArrayType array
                ? array.getGenericComponentType() : raw.getComponentType();
    }

    /** A value for a type argument; text where there is none. */
    private static Object part(java.lang.reflect.Type type, int n, int i, int depth) throws Exception {
        var arguments = type instanceof java.lang.reflect.ParameterizedType generic
                ? generic.getActualTypeArguments() : new java.lang.reflect.Type[0];
        Object part = n < arguments.length ? value(arguments[n], i, depth + 1) : null;
        return part != null ? part : "text-" + i;
    }

    private static Object proxy(java.lang.reflect.Type type, Class<?> raw, int i, int depth) {
        var answers = new Answers(type, i, depth);
        return java.lang.reflect.Proxy.newProxyInstance(Workload.class.getClassLoader(), cast(raw), answers);
    }

    /** An interface, and those below it that the program casts to. */
    private static Class<?>[] cast(Class<?> raw) {
        var found = new java.util.ArrayList<Class<?>>(java.util.List.of(raw));
        for (String name : CASTS) {
            try {
                Class<?> narrow = Class.forName(name, false, Workload.class.getClassLoader());
                if (narrow.isInterface() && narrow != raw && raw.isAssignableFrom(narrow)) {
                    found.add(narrow);
                }
            } catch (ClassNotFoundException | LinkageError error) {
                continue; // it is nested, or not on the class path
            }
        }
        return found.toArray(new Class<?>[0]);
    }

    private static Object invoke(java.util.concurrent.Callable<Object> call) throws Exception {
        try {
            return call.call();
        } catch (java.lang.reflect.InvocationTargetException error) {
            if (error.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (error.getCause() instanceof Error cause) {
                throw cause;
            }
            throw error;
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T cast(Class<T> type, Object value) {
        return (T) value;
    }
}

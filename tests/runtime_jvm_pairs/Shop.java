package market;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Timer;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Prints what its methods are given. */
class Shop {
    record Order(String id, List<Integer> lines) {}

    interface Reply {
        int status();

        List<String> notes();

        default String line() {
            return this + " status-" + status() + (notes() == null ? " no notes" : "");
        }
    }

    abstract static class Shape {
        Shape() {}
    }

    enum Shade {
        DARK, LIGHT;

        Shade() {}

        void shade(String text) {
            say("shade " + text);
        }
    }

    static class Basket {
        private final Order order;
        private final Set<String> owners;

        Basket(Order order, Set<String> owners) {
            this.order = order;
            this.owners = owners;
        }

        int size() {
            return owners.size();
        }
    }

    static class Only {
        private static Only only;

        private Only() {}

        static Only getOnly() {
            if (only == null) {
                only = new Only();
            }
            return only;
        }

        void only(String text) {
            say("only " + text);
        }
    }

    static class Session {
        private String user;

        void closed(String text) {
            user = text;
            say("closed " + user);
        }

        void close() {
            say(" ended");
        }
    }

    private static class Vault {
        void secret(String text) {
            say("secret " + text);
        }
    }

    static class Bean {
        private String id;
        private int size;

        public void setId(String id) {
            this.id = id;
        }

        public void setSize(int size) {
            this.size = size;
        }
    }

    static class Limited {
        private int limit = 3;

        Limited(Optional<String> owner) {}

        public void setLimit(int limit) {
            this.limit = limit;
        }

        void untouched(Bean given) {
            say(given.id + " under " + limit);
        }
    }

    static class Making {
        Making(String made) {
            say("made " + made);
        }

        static Making made(String text) {
            return new Making(text);
        }
    }

    class Inner {
        void inner(long number) {
            say("inner " + number + (size() == 0 ? "" : " of many"));
        }
    }

    private final String name;
    private final Set<Object> present = new HashSet<>();
    private static Shop first;

    Shop(String name) {
        this.name = name;
    }

    static void say(Object given) {
        System.out.print(given);
    }

    static void text(String given) { say(given); }
    static void symbols(CharSequence given) { say(given); }
    static void number(int given) { say(given); }
    static void wide(long given) { say(given); }
    static void big(BigInteger given) { say(given); }
    static void real(double given) { say(given); }
    static void level(boolean given) { say(given); }
    static void anything(Object given) { say(given); }
    static void bytes(byte[] given) { say(Arrays.toString(given)); }
    static void words(String[] given) { say(Arrays.toString(given)); }
    static void grid(int[][] given) { say(Arrays.deepToString(given)); }
    static void many(String... given) { say(Arrays.toString(given)); }
    static void list(List<String> given) { say(given); }
    static void orders(List<Order> given) { say(given); }
    static void nested(Map<String, List<Map<Long, Order>>> given) { say(given); }
    static void set(Set<Integer> given) { say(given); }
    static void map(Map<String, Long> given) { say(given); }
    static void entry(Map.Entry<String, Long> given) { say(given); }
    static void maybe(Optional<String> given) { say(given.orElseThrow()); }
    static void stream(Stream<String> given) { say(given.toList()); }
    static void iterable(Iterable<? extends CharSequence> given) { say(given); }
    static void supplied(Supplier<String> given) { say(given.get()); }
    static void computed(Function<String, Integer> given) { say(given.apply("")); }
    static void asked(Reply given) { say(given.line()); }
    static void input(InputStream given) throws IOException { say(new String(given.readAllBytes())); }
    static void file(File given) { say(given); }
    static void path(Path given) { say(given); }
    static void uri(URI given) { say(given); }
    static void unique(UUID given) { say(given); }
    static void thread(Thread given) { say(given.getName()); }
    static void kind(Class<?> given) { say(given == Thread.class ? String.class : given == int[].class ? String.class : given); }
    static void loader(ClassLoader given) { say(given == null ? "none" : "a loader"); }
    static void timer(Timer given) { say("a timer"); }
    static void order(Order given) { say(given); }
    static void basket(Basket given) { say("basket of " + given.order.id() + " with " + given.size()); }
    static void bean(Bean given) { say(given.id + " of " + given.size); }
    static <T> void generic(T given) { say(given); }
    static <T extends Comparable<T>> void bounded(List<T> all, T given) { say(given.compareTo(given) == 0 ? given : all); }
    private static void hidden(String given) { say("hidden " + given); }

    void method(String given) {
        first = first == null ? this : first;
        say("shop of " + name + " " + given + (first == this ? "" : " another"));
    }

    static InputStream finished(String given) {
        say(given);
        return new InputStream() {
            @Override
            public int read() {
                return -1;
            }

            @Override
            public void close() {
                say(" closed");
            }
        };
    }

    static void once(String given) throws Exception { say("once " + given); }

    static void throwing(String given) throws IOException, InterruptedException { say(given); }

    void enter(Reply reply) {
        present.add(reply);
        say(present.size() + " ");
    }

    void leave(Reply reply) {
        present.remove(reply);
        say(present.size());
    }

    int size() {
        return present.size();
    }
}

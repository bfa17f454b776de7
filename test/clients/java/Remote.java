import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Java clients under remote control. Each line of the standard input is a command
 * {id, client, verb, args}; each is answered by one line {id, result} or {id, error}. The verb "open"
 * makes a client ({kind, config}); the other ones are the client's own. Every client has a thread,
 * which works on its commands one after the other.
 */
public final class Remote {
  static final ObjectMapper JSON = new ObjectMapper();
  /** Not in the platform's charset. */
  private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

  /** What a client can be told. */
  interface Client {
    Object call(String verb, JsonNode args) throws Exception;

    /** Whether `idle` is to be called while there is no command. */
    default boolean isBusy() {
      return false;
    }

    default void idle() {}
  }

  private record Command(JsonNode id, String verb, JsonNode args) {}

  /** Works on the commands of one client. */
  private static final class Worker implements Runnable {
    private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
    private Client client;

    @Override
    public void run() {
      try {
        while (true) {
          Command next = client != null && client.isBusy() ? commands.poll() : commands.take();
          if (next == null) client.idle();
          else answer(next);
        }
      } catch (InterruptedException end) {
        Thread.currentThread().interrupt();
      }
    }

    private void answer(Command command) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("id", command.id());
      try {
        line.put("result", result(command));
      } catch (Throwable failure) {
        line.put("error", describe(failure));
      }
      print(line);
    }

    private Object result(Command command) throws Exception {
      if (!command.verb().equals("open")) return client.call(command.verb(), command.args());
      Map<String, Object> config = new HashMap<>();
      command.args().path("config").properties()
          .forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
      client = switch (command.args().get("kind").asText()) {
        case "producer" -> new Producing(config);
        case "consumer" -> new Consuming(config);
        case "admin" -> new Administering(config);
        case "tools" -> new Tools();
        default -> throw new IllegalArgumentException("no such kind of client");
      };
      return null;
    }
  }

  /** {type, message, cause} of what a client threw, without the wrappers of futures. */
  static Map<String, Object> describe(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("type", cause.getClass().getSimpleName());
    words.put("message", String.valueOf(cause.getMessage()));
    words.put("cause", cause.getCause() == null ? null : cause.getCause().getClass().getSimpleName());
    return words;
  }

  private static synchronized void print(Map<String, Object> line) {
    try {
      OUT.println(JSON.writeValueAsString(line));
    } catch (Exception unprintable) {
      OUT.println("{\"id\":" + line.get("id") + ",\"error\":{\"type\":\"Unprintable\"}}");
    }
    OUT.flush();
  }

  public static void main(String[] args) throws Exception {
    Map<String, Worker> workers = new HashMap<>();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String text = in.readLine(); text != null; text = in.readLine()) {
      JsonNode line = JSON.readTree(text);
      Worker worker = workers.computeIfAbsent(line.get("client").asText(), name -> {
        Worker created = new Worker();
        Thread thread = new Thread(created, name);
        thread.setDaemon(true);
        thread.start();
        return created;
      });
      worker.commands.add(new Command(line.get("id"), line.get("verb").asText(), line.get("args")));
    }
    Runtime.getRuntime().halt(0);
  }
}

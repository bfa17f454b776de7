import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs command-line tools in this JVM, as a shell would: {code, out, err}. A main that returns ends
 * with 0, one that throws with 1; what it would do at the end of the JVM is done after it.
 */
final class Tools implements Remote.Client {
  private static final class Ended extends Error {
    private static final long serialVersionUID = 1L;

    /** Tools that print whatever they catch need not print this. */
    @Override
    public void printStackTrace(PrintStream out) {}
  }

  private Integer code;
  private final List<Runnable> atTheEnd = new ArrayList<>();

  Tools() {
    Exit.setExitProcedure((status, message) -> {
      if (code == null) code = status;
      throw new Ended();
    });
    Exit.setHaltProcedure((status, message) -> {
      if (code == null) code = status;
      throw new Ended();
    });
    Exit.setShutdownHookAdder((name, hook) -> atTheEnd.add(hook));
  }

  @Override
  public Object call(String verb, JsonNode args) throws Exception {
    if (!verb.equals("run")) throw new IllegalArgumentException(verb);
    List<String> words = new ArrayList<>();
    for (JsonNode one : args.get("args")) words.add(one.asText());
    return run(args.get("main").asText(), words.toArray(new String[0]), args.path("stdin").asText(""));
  }

  private Object run(String main, String[] args, String stdin) throws Exception {
    InputStream in = System.in;
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    code = null;
    atTheEnd.clear();
    System.setIn(new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
    System.setOut(new PrintStream(said, true, "UTF-8"));
    System.setErr(new PrintStream(complained, true, "UTF-8"));
    try {
      runMain(main, args);
      for (Runnable hook : atTheEnd) hook.run();
    } finally {
      System.setIn(in);
      System.setOut(out);
      System.setErr(err);
    }
    return Map.of("code", code == null ? 0 : code, "out", said.toString("UTF-8"), "err", complained.toString("UTF-8"));
  }

  private void runMain(String main, String[] args) throws Exception {
    try {
      Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) args);
    } catch (InvocationTargetException wrapped) {
      if (wrapped.getCause() instanceof Ended) return;
      if (code == null) code = 1;
      wrapped.getCause().printStackTrace();
    }
  }
}

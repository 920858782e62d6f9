// A real OpenSearch for tests: one node on a loopback port. Run from its source: java -cp 'libs/*' OpenSearchNode.java FOLDER PORT
import org.codelibs.opensearch.runner.OpenSearchRunner;

public class OpenSearchNode {
  public static void main(String[] args) throws InterruptedException {
    int port = Integer.parseInt(args[1]);
    OpenSearchRunner runner = new OpenSearchRunner();
    // By default it takes ports up to 9299 only.
    runner.setMaxHttpPort(port + 1);
    runner.onBuild((number, settings) -> {
      settings.put("http.port", port);
      settings.put("network.host", "127.0.0.1");
      settings.put("transport.port", 0);
      settings.put("discovery.type", "single-node");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
    });
    runner.build(OpenSearchRunner.newConfigs().basePath(args[0]).numOfNode(1).baseHttpPort(port - 1).clusterName("eunomia-test"));
    // Its own threads do not keep the program alive.
    Thread.currentThread().join();
  }
}

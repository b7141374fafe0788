using System.Net.ServerSentEvents;
using System.Text.Json;
using ChatRooms;

namespace ScaleKit.Analysis.Chaos;

/// <summary>What an operator sees of the nodes: whether they are ready, what they say of themselves, whether Redis has its replica.</summary>
internal sealed class ClusterView(ChatCluster cluster) : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(90);

    // Two seconds: longer than a node takes to notice that Redis is away (StorePatience and CallTimeout, a second each).
    private const int LooksInARow = 10;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Waits until Redis has a primary with a replica, and every node has been ready for two seconds.</summary>
    /// <exception cref="TimeoutException">It is not, with what ails.</exception>
    public async Task AwaitWellAsync()
    {
        var ailment = "";
        var looks = 0;
        var started = TimeProvider.System.GetTimestamp();
        while (looks < LooksInARow)
        {
            ailment = await AilmentAsync();
            looks = ailment.Length == 0 ? looks + 1 : 0;
            if (TimeProvider.System.GetElapsedTime(started) > LongestWait)
            {
                throw new TimeoutException($"not well {LongestWait.TotalSeconds:0} s after: {ailment}");
            }

            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    /// <summary>What the page of a node shows.</summary>
    /// <exception cref="TimeoutException">It shows nothing.</exception>
    public async Task<DashboardSnapshot> ReadAsync(Uri node)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        try
        {
            await using var stream = await _http.GetStreamAsync(new Uri(node, "api/dashboard"), patience.Token);
            await foreach (var word in SseParser.Create(stream).EnumerateAsync(patience.Token))
            {
                return JsonSerializer.Deserialize(word.Data, ChatJson.Default.DashboardSnapshot)!;
            }

            throw new IOException("its feed has ended");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new TimeoutException($"the node at {node} says nothing of itself: {failure.Message}", failure);
        }
    }

    public async Task<IReadOnlyList<DashboardSnapshot>> ReadAllAsync() => await Task.WhenAll(cluster.Addresses.Select(ReadAsync));

    /// <summary>Asks a node to walk to a rung of the migration.</summary>
    public async Task MoveAsync(Uri node, string phase)
    {
        using var answer = await _http.PostAsync(
            new Uri(node, "api/migration"), new StringContent($$"""{"to":"{{phase}}"}""", System.Text.Encoding.UTF8, "application/json"));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Empty when all is well.</summary>
    private async Task<string> AilmentAsync()
    {
        try
        {
            var (primary, replica) = await cluster.RedisAsync();
            if (await primary.InfoAsync("role") != "master" || await replica.InfoAsync("role") != "slave" || await replica.InfoAsync("master_link_status") != "up")
            {
                return "Redis has no replica";
            }

            foreach (var node in cluster.Addresses)
            {
                using var answer = await _http.GetAsync(new Uri(node, "ready"));
                var text = await answer.Content.ReadAsStringAsync();
                // The first line is the state of all. A house that is nearly full is well.
                var worry = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
                    .FirstOrDefault(static line => !line.Contains(": Healthy", StringComparison.Ordinal) && !line.Contains("early ", StringComparison.Ordinal));
                if (!answer.IsSuccessStatusCode || worry is not null)
                {
                    return $"{node} {worry ?? text}";
                }
            }

            return "";
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            return failure.Message;
        }
    }
}

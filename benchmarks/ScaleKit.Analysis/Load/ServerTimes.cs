using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace ScaleKit.Analysis.Load;

/// <summary>Listens to what the nodes say of themselves once a second (their meters, as the page shows them). Of several nodes the slowest counts.</summary>
internal sealed class ServerTimes : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _stopping = new();
    private readonly JsonNode?[] _latest;
    private readonly Task[] _listening;

    private ServerTimes(IReadOnlyList<Uri> nodes)
    {
        _latest = new JsonNode?[nodes.Count];
        _listening = [.. nodes.Select((node, i) => ListenAsync(node, i))];
    }

    public static ServerTimes Watch(IReadOnlyList<Uri> nodes) => new(nodes);

    /// <summary>The last word of every node, by the name of the meter that ChatRooms shows: session, post, join, history.</summary>
    public async Task<IReadOnlyDictionary<string, ServerTime>> ReadAsync()
    {
        await TestKit.Eventually.HoldsAsync(() => Array.TrueForAll(_latest, static one => one is not null), "every node has said how it is");
        return _latest.SelectMany(static one => one!["latencies"]!.AsArray())
            .GroupBy(static one => one!["name"]!.GetValue<string>(), StringComparer.Ordinal)
            .ToDictionary(
                static all => all.Key,
                static all => new ServerTime(all.Max(static one => Number(one, "p50")), all.Max(static one => Number(one, "p95")), all.Max(static one => Number(one, "p99"))),
                StringComparer.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_listening);
        _stopping.Dispose();
        _http.Dispose();
    }

    private static double Number(JsonNode? one, string name) => one![name]!.GetValue<double>();

    private async Task ListenAsync(Uri node, int index)
    {
        try
        {
            await using var stream = await _http.GetStreamAsync(new Uri(node, "api/dashboard"), _stopping.Token);
            await foreach (var word in SseParser.Create(stream).EnumerateAsync(_stopping.Token))
            {
                _latest[index] = JsonNode.Parse(word.Data);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was heard.
        }
    }
}

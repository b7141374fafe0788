namespace ChatRooms.Tests;

/// <summary>Some nodes on one Redis and one folder of files, and clients from addresses of their own.</summary>
internal sealed class ChatFleet : IAsyncDisposable
{
    private readonly List<ChatNode> _nodes = [];
    private readonly DataFolder _folder = new(null);
    private readonly ClientAddresses _addresses = new();
    private readonly string _redis;
    private int _person;

    private ChatFleet(string redis) => _redis = redis;

    public IReadOnlyList<ChatNode> Nodes => _nodes;

    public static async Task<ChatFleet> StartAsync(string redis, int nodes)
    {
        var fleet = new ChatFleet(redis);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, nodes).Select(_ => fleet.AddAsync()));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    public async Task<ChatNode> AddAsync()
    {
        var node = await ChatNode.StartAsync(_redis, _folder.Root);
        lock (_nodes)
            _nodes.Add(node);
        return node;
    }

    /// <summary>A client from an address that no other test uses.</summary>
    public HttpClient NewClient() => _addresses.Of(8 * Interlocked.Increment(ref _person));

    public async Task<(HttpClient Http, SessionAnswer Session)> NewPersonAsync(ChatNode node)
    {
        var http = NewClient();
        return (http, await node.OpenSessionAsync(http));
    }

    /// <summary>A new person who has asked for a seat on that node.</summary>
    public async Task<ChatClient> JoinAsync(ChatNode node, string room, Action<ReceivedFrame>? onMessage = null)
    {
        var (http, session) = await NewPersonAsync(node);
        return await node.JoinAsync(http, session, room, onMessage);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        _addresses.Dispose();
        _folder.Dispose();
    }
}

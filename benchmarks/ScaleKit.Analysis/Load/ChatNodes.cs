using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Load;

/// <summary>ChatRooms in processes of their own: one node with everything in it, or several on one Redis with one folder. Their limits count as ever but never refuse: the load is to be the only bound.</summary>
internal sealed class ChatNodes : IAsyncDisposable
{
    /// <summary>Seats in a room, as the application is configured.</summary>
    public const int RoomSeats = 8;

    private readonly List<TalkingProgram> _nodes = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("chatrooms-").FullName;
    private readonly List<Uri> _addresses = [];
    private RedisServer? _redis;

    private ChatNodes()
    {
    }

    public IReadOnlyList<Uri> Addresses => _addresses;

    public static async Task<ChatNodes> StartAsync(int count, int seats)
    {
        foreach (var policy in (string[])["message/post", "history/read", "session/create", "room/join", "default"])
        {
            Environment.SetEnvironmentVariable($"ScaleKit__RateLimiting__Policies__{policy}__Limit", "1000000");
        }

        Environment.SetEnvironmentVariable("ScaleKit__Admission__TotalCapacity", seats.ToString(CultureInfo.InvariantCulture));
        var nodes = new ChatNodes();
        try
        {
            string[] shared = [];
            if (count > 1)
            {
                nodes._redis = await RedisServer.StartAsync();
                shared = ["--redis", nodes._redis.EndPoint];
            }

            for (var i = 0; i < count; i++)
            {
                var node = TalkingProgram.Start("ChatRooms", ["--simulate", "0", "--urls", "http://127.0.0.1:0", "--data", nodes._folder, .. shared]);
                nodes._nodes.Add(node);
                nodes._addresses.Add(await AddressAsync(node));
                _ = node.HearAllAsync(static _ => { });
            }

            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<Uri> AddressAsync(TalkingProgram node)
    {
        const string greeting = "ChatRooms: ";
        while (true)
        {
            var line = await node.HearAsync();
            if (line.StartsWith(greeting, StringComparison.Ordinal) && Uri.TryCreate(line[greeting.Length..], UriKind.Absolute, out var address))
            {
                return address;
            }
        }
    }
}

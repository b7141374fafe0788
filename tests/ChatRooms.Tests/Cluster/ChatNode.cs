using System.Net.Http.Headers;
using System.Text.Json;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>One node of a cluster in a process of its own.</summary>
internal sealed class ChatNode : IAsyncDisposable
{
    private readonly TalkingProgram _program;

    private ChatNode(TalkingProgram program, Uri server) => (_program, Server) = (program, server);

    public Uri Server { get; }

    public static async Task<ChatNode> StartAsync(string redis, string folder)
    {
        var program = TalkingProgram.Start(
            [new("ScaleKit__Admission__RoomCapacity", "2"), new("ScaleKit__Admission__ActiveRooms", "20"), new("ScaleKit__Admission__TotalCapacity", "6")],
            "ChatRooms", "--redis", redis, "--data", folder, "--simulate", "0", "--urls", "http://127.0.0.1:0");
        try
        {
            var greeting = await program.HearAsync();
            // On a busy machine it may first log that Redis does not answer yet.
            while (!greeting.StartsWith("ChatRooms: ", StringComparison.Ordinal))
                greeting = await program.HearAsync();
            // What it logs later is read away, so that it never waits for a full pipe.
            _ = program.HearAllAsync(static _ => { });
            return new ChatNode(program, new Uri(greeting["ChatRooms: ".Length..]));
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    public void Kill() => _program.Kill();

    /// <summary>Waits until the node finds nothing amiss, Redis and the store of the seats included.</summary>
    public async Task IsReadyAsync()
    {
        using var http = new HttpClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri(Server, "ready"));
                return (await answer.Content.ReadAsStringAsync()).StartsWith("Healthy", StringComparison.Ordinal);
            },
            "the node is ready",
            TimeSpan.FromSeconds(60));
    }

    public async Task<SessionAnswer> OpenSessionAsync(HttpClient http, string nickname = "Ada")
    {
        using var answer = await http.PostAsJsonAsync(new Uri(Server, "api/sessions"), new SessionRequest(nickname), ChatJson.Default.SessionRequest);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ChatJson.Default.SessionAnswer))!;
    }

    public Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string path, SessionAnswer session, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, new Uri(Server, path)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Session);
        return http.SendAsync(request);
    }

    /// <summary>A client that has asked for a seat on this node.</summary>
    public async Task<ChatClient> JoinAsync(HttpClient http, SessionAnswer session, string room, Action<ReceivedFrame>? onMessage = null)
    {
        var client = new ChatClient(onMessage);
        await client.ConnectAsync(Server, http, CancellationToken.None);
        await client.SendAsync(new ClientFrame("join", session.Session, room), CancellationToken.None);
        return client;
    }

    public async Task<IReadOnlyList<MessageFrame>> HistoryAsync(HttpClient http, SessionAnswer session, string room)
    {
        using var answer = await SendAsync(http, HttpMethod.Get, $"api/rooms/{room}/messages?limit=100", session);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ChatJson.Default.HistoryPage))!.Messages;
    }

    /// <summary>The letter of the migration's phase on this node, as its page shows it.</summary>
    public async Task<string?> PhaseAsync(HttpClient http)
    {
        await using var events = await http.GetStreamAsync(new Uri(Server, "api/dashboard"));
        using var reader = new StreamReader(events);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return JsonSerializer.Deserialize(line["data: ".Length..], ChatJson.Default.DashboardSnapshot)!.Migration.Phase;
        }
        return null;
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}

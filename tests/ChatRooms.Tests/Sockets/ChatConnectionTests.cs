using System.Net.WebSockets;
using System.Text;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

public sealed class ChatConnectionTests(ChatHost host) : IClassFixture<ChatHost>
{
    [Fact]
    public async Task Post_InARoom_IsAcknowledgedShownToOthersAndKept()
    {
        var seen = new TaskCompletionSource<ReceivedFrame>();
        await using var other = await host.JoinAsync("brave-fox", "Grace", message => seen.TrySetResult(message));
        await other.ExpectAsync("admitted");
        var (http, session) = await host.NewPersonAsync("Ada");
        await using var client = await host.ConnectAsync(http);
        await client.SendAsync(new ClientFrame("join", session.Session, "brave-fox"), CancellationToken.None);
        await client.ExpectAsync("admitted");

        await client.SendAsync(new ClientFrame("post", Ref: "a1", Text: "<script>alert(1)</script>"), CancellationToken.None);

        var ack = await client.ExpectAsync("ack");
        Assert.Equal("a1", ack.Ref);
        var shown = await seen.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((ack.Id, "Ada", "<script>alert(1)</script>"), (shown.Id, shown.Nickname, shown.Text));
        var history = await new HistoryReader(host.Server, http, session, new RunChecker(), TimeProvider.System)
            .WalkAsync("brave-fox", pages: 1, pageSize: 1, CancellationToken.None);
        Assert.Equal([ack.Id!], history);
    }

    [Fact]
    public async Task History_PageByPage_GivesEachOnceNewestFirst()
    {
        await using var client = await host.JoinAsync("brave-heron");
        await client.ExpectAsync("admitted");
        var posted = new List<string>();
        while (posted.Count < 5)
        {
            await client.SendAsync(new ClientFrame("post", Ref: $"{posted.Count}", Text: "x"), CancellationToken.None);
            posted.Add((await client.ExpectAsync("ack")).Id!);
        }
        var (http, session) = await host.NewPersonAsync();
        var checker = new RunChecker();

        var read = await new HistoryReader(host.Server, http, session, checker, TimeProvider.System)
            .WalkAsync("brave-heron", pages: 10, pageSize: 2, CancellationToken.None);

        Assert.Equal(posted.AsEnumerable().Reverse(), read);
        Assert.Empty(checker.Broken);
    }

    [Fact]
    public async Task Join_AFullRoom_WaitsAndMovesUp()
    {
        var seated = new List<ChatClient>();
        for (var number = 0; number < 8; number++)
        {
            seated.Add(await host.JoinAsync("calm-otter"));
            await seated[^1].ExpectAsync("admitted");
        }
        await using var first = await host.JoinAsync("calm-otter");
        Assert.Equal(1, (await first.ExpectAsync("waiting")).Position);
        await using var second = await host.JoinAsync("calm-otter");
        Assert.Equal(2, (await second.ExpectAsync("waiting")).Position);

        await seated[0].SendAsync(new ClientFrame("leave"), CancellationToken.None);

        await first.ExpectAsync("admitted");
        Assert.Equal(1, (await second.ExpectAsync("waiting")).Position);
        foreach (var client in seated)
            await client.DisposeAsync();
        await second.ExpectAsync("admitted");
    }

    [Fact]
    public async Task Leave_WhileWaiting_GivesUpThePlace()
    {
        var seated = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.JoinAsync("calm-lynx")));
        foreach (var client in seated)
            await client.ExpectAsync("admitted");
        await using var first = await host.JoinAsync("calm-lynx");
        await first.ExpectAsync("waiting");
        await using var second = await host.JoinAsync("calm-lynx");
        await second.ExpectAsync("waiting");

        await first.SendAsync(new ClientFrame("leave"), CancellationToken.None);
        await first.ExpectAsync("left");
        await seated[0].DisposeAsync();

        await second.ExpectAsync("admitted");
        foreach (var client in seated)
            await client.DisposeAsync();
    }

    // A browser that is killed sends no close frame; its seat must not stay taken.
    [Fact]
    public async Task Connection_ThatBreaks_GivesTheSeatBack()
    {
        var before = host.Get<SeatLedger>().Seated;
        var (http, session) = await host.NewPersonAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(host.Server) { Scheme = "ws", Path = "/ws" }.Uri, http, CancellationToken.None);
        var join = $$"""{"type":"join","session":"{{session.Session}}","room":"calm-heron"}""";
        await socket.SendAsync(Encoding.UTF8.GetBytes(join), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        await Eventually.HoldsAsync(() => host.Get<SeatLedger>().Seated == before + 1, "the person sits");

        socket.Abort();

        await Eventually.HoldsAsync(() => host.Get<SeatLedger>().Seated == before, "the seat is free again");
    }

    [Fact]
    public async Task Post_FasterThanTheLimit_IsLimitedWithTheTimeToWait()
    {
        await using var client = await host.JoinAsync("coral-fox");
        await client.ExpectAsync("admitted");
        for (var number = 0; number < 5; number++)
        {
            await client.SendAsync(new ClientFrame("post", Ref: $"{number}", Text: "x"), CancellationToken.None);
            await client.ExpectAsync("ack");
        }

        await client.SendAsync(new ClientFrame("post", Ref: "5", Text: "x"), CancellationToken.None);

        var limited = await client.ExpectAsync("limited");
        Assert.Equal((Policies.Post, "5"), (limited.Policy, limited.Ref));
        Assert.InRange(limited.RetryAfterMilliseconds!.Value, 1, 5_400);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"type\":5}")]
    [InlineData("{\"type\":\"dance\"}")]
    [InlineData("{\"type\":\"post\",\"ref\":\"1\",\"text\":\"before any room\"}")]
    [InlineData("{\"type\":\"join\"}")]
    [InlineData("{\"type\":\"join\",\"session\":\"../../../etc/passwd000\",\"room\":\"amber-fox\"}")]
    [InlineData("{\"type\":\"join\",\"session\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"room\":\"amber-fox\"}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    public async Task Frame_ThatMakesNoSense_IsAnsweredAndTheFifthEndsIt(string text)
    {
        await using var client = await host.ConnectAsync();
        for (var mistakes = 0; mistakes < 5; mistakes++)
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, CancellationToken.None);
            Assert.NotEmpty((await client.ExpectAsync("error")).Text!);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await client.ExpectCloseAsync());
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("../amber-fox")]
    [InlineData("amber-fox/000000000001")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Join_ARoomThatIsNotThere_IsAnsweredAndTheNextTryWorks(string? room)
    {
        var (http, session) = await host.NewPersonAsync();
        await using var client = await host.ConnectAsync(http);
        await client.SendAsync(new ClientFrame("join", session.Session, room), CancellationToken.None);
        Assert.Equal("unknown_room", (await client.ExpectAsync("error")).Code);

        await client.SendAsync(new ClientFrame("join", session.Session, "dusky-fox"), CancellationToken.None);

        await client.ExpectAsync("admitted");
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("x", "")]
    [InlineData("x", null)]
    [InlineData("x", "a/b")]
    [InlineData("bell\a", "1")]
    public async Task Post_BadTextOrRef_IsAnsweredAndNotStored(string text, string? reference)
    {
        await using var client = await host.JoinAsync("early-fox");
        await client.ExpectAsync("admitted");

        await client.SendAsync(new ClientFrame("post", Ref: reference, Text: text), CancellationToken.None);

        Assert.Equal("bad_message", (await client.ExpectAsync("error")).Code);
    }

    [Fact]
    public async Task Frame_TooBig_ClosesWithTheReason()
    {
        await using var client = await host.ConnectAsync();
        await client.SendAsync(new byte[1_000_000], WebSocketMessageType.Text, CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Frame_Binary_ClosesWithTheReason()
    {
        await using var client = await host.ConnectAsync();
        await client.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Frame_NotUtf8_EndsThatConnectionOnly()
    {
        await using (var client = await host.ConnectAsync())
        {
            await client.SendAsync(new byte[] { 0x7B, 0xFF, 0xFE }, WebSocketMessageType.Text, CancellationToken.None);
            await client.ExpectCloseAsync();
        }

        await using var next = await host.JoinAsync("fuzzy-fox");
        await next.ExpectAsync("admitted");
    }

    [Fact]
    public async Task Connect_FromAnotherSitesPage_IsRefused()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "http://elsewhere.example");

        var refused = await Assert.ThrowsAsync<WebSocketException>(
            () => socket.ConnectAsync(new UriBuilder(host.Server) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_Ended_MayNotPost()
    {
        var (http, session) = await host.NewPersonAsync();
        await using var client = await host.ConnectAsync(http);
        await client.SendAsync(new ClientFrame("join", session.Session, "gentle-fox"), CancellationToken.None);
        await client.ExpectAsync("admitted");
        using var ended = await http.SendAsync(ClientAnswers.Request(HttpMethod.Delete, new Uri(host.Server, "api/sessions/current"), session));

        await client.SendAsync(new ClientFrame("post", Ref: "1", Text: "still here?"), CancellationToken.None);

        Assert.Equal("no_session", (await client.ExpectAsync("error")).Code);
    }
}

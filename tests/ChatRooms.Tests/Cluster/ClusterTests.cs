using System.Collections.Concurrent;
using System.Net;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>The same application as three processes on one Redis: what one node knows, decides or hands out holds for all.</summary>
public sealed class ClusterTests(ThreeNodes three) : IClassFixture<ThreeNodes>
{
    private readonly ChatFleet _fleet = three.Fleet;

    private ChatNode A => _fleet.Nodes[0];

    private ChatNode B => _fleet.Nodes[1];

    private ChatNode C => _fleet.Nodes[2];

    [Fact]
    public async Task Session_MadeOnOneNode_IsKnownOnTheOthersAndEndsOnAll()
    {
        var (http, session) = await _fleet.NewPersonAsync(A);
        foreach (var node in (ChatNode[])[B, C, A])
        {
            using var known = await node.SendAsync(http, HttpMethod.Get, "api/sessions/current", session);
            Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        }

        using var ended = await B.SendAsync(http, HttpMethod.Delete, "api/sessions/current", session);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);

        // A and C hold it in their own memory: the news that it is void reaches them.
        foreach (var node in (ChatNode[])[A, C])
        {
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var gone = await node.SendAsync(http, HttpMethod.Get, "api/sessions/current", session);
                    return gone.StatusCode == HttpStatusCode.Unauthorized;
                },
                "the session has ended on the other node");
        }
    }

    [Fact]
    public async Task Limit_CallsSpreadOverTheNodes_IsTheSumOfAll()
    {
        var http = _fleet.NewClient();
        var answers = new List<HttpStatusCode>();
        for (var call = 0; call < 30; call++)
        {
            using var answer = await http.PostAsJsonAsync(
                new Uri(_fleet.Nodes[call % 3].Server, "api/sessions"), new SessionRequest("Ada"), ChatJson.Default.SessionRequest);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Created, 20).Concat(Enumerable.Repeat(HttpStatusCode.TooManyRequests, 10)), answers);
    }

    [Fact]
    public async Task Room_FullOnOtherNodes_IsFullHereAndOpensWhenOneLeavesThere()
    {
        await using var first = await _fleet.JoinAsync(A, "coral-lynx");
        await first.ExpectAsync("admitted");
        await using var second = await _fleet.JoinAsync(B, "coral-lynx");
        await second.ExpectAsync("admitted");
        await using var third = await _fleet.JoinAsync(C, "coral-lynx");
        Assert.Equal(1, (await third.ExpectAsync("waiting")).Position);

        await first.SendAsync(new ClientFrame("leave"), CancellationToken.None);

        Assert.Equal("coral-lynx", (await third.ExpectAsync("admitted")).Room);
    }

    [Fact]
    public async Task Message_PostedOnAnyNode_ReachesTheRoomOnTheOthersInOrder()
    {
        const string Room = "amber-otter";
        var heardOnA = new ConcurrentQueue<ReceivedFrame>();
        var heardOnB = new ConcurrentQueue<ReceivedFrame>();
        await using var ada = await _fleet.JoinAsync(A, Room, heardOnA.Enqueue);
        await ada.ExpectAsync("admitted");
        await using var bob = await _fleet.JoinAsync(B, Room, heardOnB.Enqueue);
        await bob.ExpectAsync("admitted");

        // Both at once: the store gives each number once, whoever asks.
        await Task.WhenAll(SayAsync(ada), SayAsync(bob));

        await Eventually.HoldsAsync(() => heardOnA.Count >= 8 && heardOnB.Count >= 8, "everybody has heard everything");
        var (http, session) = await _fleet.NewPersonAsync(C);
        var stored = (await C.HistoryAsync(http, session, Room)).Select(message => message.Id).Reverse().ToList();
        Assert.Equal(8, stored.Count);
        Assert.Equal(stored, heardOnA.Select(message => message.Id!));
        Assert.Equal(stored, heardOnB.Select(message => message.Id!));

        static async Task SayAsync(ChatClient client)
        {
            for (var number = 1; number <= 4; number++)
            {
                await client.SendAsync(new ClientFrame("post", Ref: $"{number}", Text: "Hello everybody!"), CancellationToken.None);
                await client.ExpectAsync("ack");
            }
        }
    }

    // Each rung waits until every node has acknowledged the one before: that all of them reach the last says that all acknowledged each.
    [Fact]
    public async Task Migration_StartedOnOneNode_TakesAllNodesAlongAndLosesNothing()
    {
        const string Room = "brave-robin";
        await using var ada = await _fleet.JoinAsync(A, Room);
        await ada.ExpectAsync("admitted");
        await PostAsync(ada, "1");

        using var content = ClientAnswers.Json("{}");
        using var started = await _fleet.NewClient().PostAsync(new Uri(A.Server, "api/migration"), content);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);

        var http = _fleet.NewClient();
        foreach (var node in _fleet.Nodes.Take(3))
            await Eventually.HoldsAsync(async () => await node.PhaseAsync(http) == "F", "the node has followed to the last phase", TimeSpan.FromMinutes(2));
        await PostAsync(ada, "2");
        var session = await C.OpenSessionAsync(http);
        Assert.Equal(2, (await C.HistoryAsync(http, session, Room)).Count);
    }

    [Fact]
    public async Task Node_Killed_GivesItsSeatsBackAndLosesNoAcknowledgedMessage()
    {
        const string Room = "dusky-heron";
        var doomed = await _fleet.AddAsync();
        var (dans, dan) = await _fleet.NewPersonAsync(doomed);
        await using var onTheDoomed = await doomed.JoinAsync(dans, dan, Room);
        await onTheDoomed.ExpectAsync("admitted");
        await using var ada = await _fleet.JoinAsync(A, Room);
        await ada.ExpectAsync("admitted");
        await using var bob = await _fleet.JoinAsync(B, Room);
        await bob.ExpectAsync("waiting");
        await PostAsync(onTheDoomed, "1");

        doomed.Kill();

        await bob.ExpectAsync("admitted");
        var message = Assert.Single(await B.HistoryAsync(dans, dan, Room));
        Assert.Equal("Said on 1.", message.Text);
    }

    private static async Task PostAsync(ChatClient client, string reference)
    {
        await client.SendAsync(new ClientFrame("post", Ref: reference, Text: $"Said on {reference}."), CancellationToken.None);
        await client.ExpectAsync("ack");
    }
}

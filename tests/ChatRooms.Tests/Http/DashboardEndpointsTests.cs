using System.Net.ServerSentEvents;
using System.Text.Json;

namespace ChatRooms.Tests;

public sealed class DashboardEndpointsTests(ChatHost host) : IClassFixture<ChatHost>
{
    [Fact]
    public async Task Dashboard_WhileSomebodySits_ShowsTheSeatAndTheMessage()
    {
        await using var client = await host.JoinAsync("calm-fox", "Radia");
        await client.ExpectAsync("admitted");
        await client.SendAsync(new ClientFrame("post", Ref: "1", Text: "hello"), CancellationToken.None);
        await client.ExpectAsync("ack");

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var stream = await host.NewClient().GetStreamAsync(new Uri(host.Server, "api/dashboard"), patience.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(patience.Token))
        {
            Assert.Equal("snapshot", item.EventType);
            using var snapshot = JsonDocument.Parse(item.Data);
            var root = snapshot.RootElement;
            Assert.Equal(112, root.GetProperty("roomList").GetArrayLength());
            Assert.Equal(5, root.GetProperty("switches").EnumerateObject().Count());
            Assert.Equal("A", root.GetProperty("migration").GetProperty("phase").GetString());
            var room = root.GetProperty("roomList").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "calm-fox");
            Assert.Equal(1, room.GetProperty("seats").GetInt32());
            Assert.True(root.GetProperty("cache").GetProperty("miss").GetInt64() >= 1);
            var post = root.GetProperty("limits").EnumerateArray().Single(one => one.GetProperty("name").GetString() == Policies.Post);
            Assert.True(post.GetProperty("acquired").GetInt64() >= 1);
            if (root.GetProperty("shards").EnumerateArray().First().GetProperty("rows").GetInt64() == 1)
                return;
        }
        Assert.Fail("The feed ended.");
    }
}

using System.Net;

namespace ChatRooms.Tests;

public sealed class KillSwitchesTests : IAsyncLifetime
{
    private readonly ChatHost _host = new(people: 0, ("ScaleKit:Admission:RoomCapacity", "1"));

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Admission_SwitchedOff_SeatsWhoWaits()
    {
        await using var first = await _host.JoinAsync("amber-fox");
        await first.ExpectAsync("admitted");
        await using var second = await _host.JoinAsync("amber-fox");
        await second.ExpectAsync("waiting");

        await PressAsync("Admission", enabled: false);

        await second.ExpectAsync("admitted");
    }

    [Fact]
    public async Task RateLimiting_SwitchedOff_LetsEverythingThrough()
    {
        await PressAsync("RateLimiting", enabled: false);
        await using var client = await _host.JoinAsync("amber-fox");
        await client.ExpectAsync("admitted");

        for (var number = 0; number < 20; number++)
        {
            await client.SendAsync(new ClientFrame("post", Ref: $"{number}", Text: "x"), CancellationToken.None);
            await client.ExpectAsync("ack");
        }
    }

    [Theory]
    [InlineData("Caching")]
    [InlineData("Sharding")]
    [InlineData("Migration")]
    public async Task AnyOther_SwitchedOffAndOn_TheChatGoesOn(string primitive)
    {
        await using var client = await _host.JoinAsync("amber-fox");
        await client.ExpectAsync("admitted");
        foreach (var enabled in new[] { false, true })
        {
            await PressAsync(primitive, enabled);
            Assert.Equal(enabled, _host.Get<KillSwitches>().Read()[primitive]);
            await client.SendAsync(new ClientFrame("post", Ref: $"{enabled}", Text: "x"), CancellationToken.None);
            await client.ExpectAsync("ack");
        }
    }

    private async Task PressAsync(string primitive, bool enabled)
    {
        var body = enabled ? "{\"enabled\":true}" : "{\"enabled\":false}";
        using var answer = await _host.NewClient().PostAsync(new Uri(_host.Server, $"api/switches/{primitive}"), ClientAnswers.Json(body));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}

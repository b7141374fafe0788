using System.Globalization;
using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class RedisSubscriptionTests
{
    private const string Channel = "scalekit:test:{news}";

    [Fact]
    public async Task Subscribe_TenThousandMessages_ArriveInOrderOneAtATime()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server, o => o.SubscriptionQueueLimit = 20_000);
        var listener = new RecordingListener();
        await using var subscription = await SubscribeAsync(connection, listener);

        var publishing = new List<Task>();
        for (var i = 0; i < 10_000; i++)
        {
            publishing.Add(PublishAsync(connection, i.ToString(CultureInfo.InvariantCulture)));
        }

        await Task.WhenAll(publishing);
        await Eventually.HoldsAsync(() => listener.Heard.Count >= 10_001, "all messages have come");

        var expected = Enumerable.Range(0, 10_000).Select(i => i.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(expected.Prepend(RecordingListener.Restored), listener.Heard);
        Assert.False(listener.Overlapped);
    }

    [Fact]
    public async Task Subscribe_ServerDown_TellsRestoredWhenItAppears()
    {
        await using var server = RedisServer.Prepare();
        await using var connection = Connect.To(server, o => o.CallTimeout = TimeSpan.FromMilliseconds(500));
        var listener = new RecordingListener();
        await using var subscription = connection.Subscribe(connection.Names.Name("test", "news"), listener);

        await server.RestartAsync();
        await Eventually.HoldsAsync(() => listener.Restorations >= 1, "the subscription stands");
        await server.CommandAsync("PUBLISH", Channel, "hello");

        await Eventually.HoldsAsync(() => listener.Messages.Contains("hello"), "a message comes");
    }

    [Fact]
    public async Task Subscribe_ServerKilledAndBack_MissesNothingThatIsPublishedAfterRestored()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server, o => o.CallTimeout = TimeSpan.FromSeconds(2));
        var listener = new RecordingListener();
        await using var subscription = await SubscribeAsync(connection, listener);

        for (var round = 1; round <= 3; round++)
        {
            await server.RestartAsync(keepData: false);

            // At once, while the client is still busy with its reconnection: a message either comes or the listener is told of a gap after it.
            for (var sent = 0; !listener.Messages.Contains($"round {round}, {sent}"); sent++)
            {
                var (restorations, message) = (listener.Restorations, $"round {round}, {sent + 1}");
                await server.CommandAsync("PUBLISH", Channel, message);
                await Eventually.HoldsAsync(
                    () => listener.Messages.Contains(message) || listener.Restorations > restorations, "the message comes, or word that it was missed");
            }
        }
    }

    [Fact]
    public async Task Subscribe_SubscriberCutOffWhilePublishesGoOn_IsToldOfTheGap()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        var listener = new RecordingListener();
        await using var subscription = await SubscribeAsync(connection, listener);

        await server.CommandAsync("CLIENT", "KILL", "TYPE", "pubsub");
        for (var i = 0; i < 50; i++)
        {
            await server.CommandAsync("PUBLISH", Channel, $"lost or not {i}");
        }

        await Eventually.HoldsAsync(() => listener.Restorations >= 2, "the listener is told of the gap");
        await server.CommandAsync("PUBLISH", Channel, "after");
        await Eventually.HoldsAsync(() => listener.Messages.Contains("after"), "the line stands again");
    }

    [Fact]
    public async Task Subscribe_ServerForgetsTheSubscriptionSilently_ProbeFindsOutAndSubscribesAnew()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server, o =>
        {
            o.SubscriptionCheckInterval = TimeSpan.FromMilliseconds(100);
            o.CallTimeout = TimeSpan.FromMilliseconds(500);
        });
        var listener = new RecordingListener();
        await using var subscription = await SubscribeAsync(connection, listener);

        // Behind the back of the seam and without any event of the client.
        var client = await connection.ClientAsync();
        await client.GetSubscriber().UnsubscribeAllAsync();

        await Eventually.HoldsAsync(() => listener.Restorations >= 2, "the probe found the dead line and mended it");
        await server.CommandAsync("PUBLISH", Channel, "after");
        await Eventually.HoldsAsync(() => listener.Messages.Contains("after"), "the line stands again");
    }

    [Fact]
    public async Task Subscribe_ListenerTooSlow_DropsAndTellsInsteadOfGrowing()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server, o => o.SubscriptionQueueLimit = 10);
        var release = new TaskCompletionSource();
        var listener = new RecordingListener { OnEach = async entry => await (entry == "0" ? release.Task : Task.CompletedTask) };
        await using var subscription = await SubscribeAsync(connection, listener);
        var witness = new RecordingListener();
        var end = connection.Names.Name("test", "end");
        await using var other = connection.Subscribe(end, witness);
        await Eventually.HoldsAsync(() => witness.Restorations > 0, "the witness hears");

        for (var i = 0; i < 200; i++)
        {
            await PublishAsync(connection, i.ToString(CultureInfo.InvariantCulture));
        }

        // Behind them on the same line: all of them have come by then, more than there is room for.
        await connection.PublishAsync(end, "end"u8.ToArray(), CancellationToken.None);
        await Eventually.HoldsAsync(() => witness.Messages.Any(), "the last message has come");
        release.SetResult();
        await Eventually.HoldsAsync(() => listener.Restorations == 2, "the listener is told that it has missed something");
        await PublishAsync(connection, "after");
        await Eventually.HoldsAsync(() => listener.Messages.Contains("after"), "the line goes on");
        Assert.True(listener.Messages.Count() < 50);
        Assert.Equal([RecordingListener.Restored, "0", RecordingListener.Restored], listener.Heard.Take(3));
    }

    [Fact]
    public async Task Subscribe_ListenerThrows_MessagesGoOnAndRestoredIsRepeated()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        var failures = 2;
        var listener = new RecordingListener
        {
            OnEach = entry => entry switch
            {
                RecordingListener.Restored when failures-- > 0 => throw new InvalidOperationException("not yet"),
                "bad" => throw new InvalidOperationException("bad message"),
                _ => ValueTask.CompletedTask,
            },
        };
        await using var subscription = await SubscribeAsync(connection, listener);

        await PublishAsync(connection, "bad");
        await PublishAsync(connection, "good");

        await Eventually.HoldsAsync(() => listener.Messages.Contains("good"), "the next message comes");
        Assert.Equal([RecordingListener.Restored, "good"], listener.Heard);
        Assert.Equal(-1, failures);
    }

    [Fact]
    public async Task Subscribe_TwoApplicationsAndTwoListeners_EachHearsItsOwn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = Connect.To(server, o => o.KeyPrefix = "one");
        await using var two = Connect.To(server, o => o.KeyPrefix = "two");
        var (a, b, c) = (new RecordingListener(), new RecordingListener(), new RecordingListener());
        await using var first = await SubscribeAsync(one, a);
        await using var second = await SubscribeAsync(one, b);
        await using var other = await SubscribeAsync(two, c);

        await PublishAsync(one, "for one");
        await PublishAsync(two, "for two");
        await Eventually.HoldsAsync(() => a.Messages.Any() && b.Messages.Any() && c.Messages.Any(), "each hears something");

        Assert.Equal(["for one"], a.Messages);
        Assert.Equal(["for one"], b.Messages);
        Assert.Equal(["for two"], c.Messages);
    }

    [Fact]
    public async Task DisposeAsync_OneOfTwo_LeavesTheOther()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        var (left, stays) = (new RecordingListener(), new RecordingListener());
        var leaving = await SubscribeAsync(connection, left);
        await using var staying = await SubscribeAsync(connection, stays);

        await leaving.DisposeAsync();
        await PublishAsync(connection, "after");
        await Eventually.HoldsAsync(() => stays.Messages.Contains("after"), "the other still hears");

        Assert.Empty(left.Messages);
        await staying.DisposeAsync();
        await Eventually.HoldsAsync(async () => await server.CommandAsync("PUBSUB", "NUMSUB", Channel) == $"{Channel}\n0", "nobody subscribes");
    }

    [Fact]
    public async Task DisposeAsync_OfTheConnection_EndsItsSubscriptions()
    {
        await using var server = await RedisServer.StartAsync();
        var connection = Connect.To(server);
        var subscription = await SubscribeAsync(connection, new RecordingListener());

        await connection.DisposeAsync();

        await Eventually.HoldsAsync(() => subscription.Completion.IsCompleted, "no loop is left");
        await subscription.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => connection.Subscribe(connection.Names.Name("test", "news"), new RecordingListener()));
    }

    private static async Task<RedisSubscription> SubscribeAsync(RedisConnection connection, RecordingListener listener)
    {
        var subscription = connection.Subscribe(connection.Names.Name("test", "news"), listener);
        await Eventually.HoldsAsync(() => listener.Restorations > 0, "the subscription stands");
        return subscription;
    }

    private static Task PublishAsync(RedisConnection connection, string message) =>
        connection.PublishAsync(connection.Names.Name("test", "news"), Encoding.UTF8.GetBytes(message), CancellationToken.None).AsTask();
}

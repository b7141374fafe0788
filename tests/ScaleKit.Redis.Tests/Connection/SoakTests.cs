using System.Diagnostics.Metrics;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class SoakTests
{
    private const int Callers = 32;
    private const int Keys = 50;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMilliseconds(100);
    private int _sent;
    private int _answered;
    private int _timedOut;
    private int _givenUp;

    [Fact]
    public async Task SendAsync_ServerPausesAndCallersGiveUp_EveryCallEndsOnceWithItsOwnAnswer()
    {
        await using var server = await RedisServer.StartAsync();
        using var factory = new OwnMeters();
        var ended = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Name is RedisDiagnostics.CallDuration)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref ended));
        var options = new RedisOptions { ConnectionString = server.ConnectionString, CallTimeout = CallTimeout, BreakerMinimumCalls = 1_000_000 };
        await using var connection = await new RedisConnection(options, meterFactory: factory).ReadyAsync();
        for (var key = 0; key < Keys; key++)
        {
            var name = connection.Names.Name("soak", $"{key}");
            await Eventually.HoldsAsync(() => TrySetAsync(connection, name, [(byte)key]), "the value is written");
        }

        await Eventually.HoldsAsync(() => connection.Guard.UnderWay.Count == 0, "the preparation is over");
        listener.Start();
        using var stop = new CancellationTokenSource();
        var calling = Enumerable.Range(0, Callers).Select(seed => Task.Run(() => CallAsync(connection, new Random(seed), stop.Token))).ToArray();
        for (var pause = 1; pause <= 8; pause++)
        {
            var goal = pause * Callers;
            server.Pause();
            await Eventually.HoldsAsync(() => Volatile.Read(ref _timedOut) >= goal, "calls time out while the server is silent");
            server.Resume();
            var answers = Volatile.Read(ref _answered) + 2_000;
            await Eventually.HoldsAsync(() => Volatile.Read(ref _answered) >= answers, "calls are answered again");
        }

        await stop.CancelAsync();
        await Task.WhenAll(calling);

        Assert.Equal(_sent, _answered + _timedOut + _givenUp);
        Assert.True(_givenUp > Callers, $"{_givenUp} calls were given up by their callers.");
        await Eventually.HoldsAsync(() => connection.Guard.UnderWay.Count == 0, "no call is left");
        Assert.Equal(_sent, Volatile.Read(ref ended));
    }

    private async Task CallAsync(RedisConnection connection, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = random.Next(Keys);
            using var impatient = random.Next(4) == 0 ? new CancellationTokenSource() : null;
            var name = connection.Names.Name("soak", $"{key}");
            Interlocked.Increment(ref _sent);
            var answer = connection.GetAsync(name, impatient?.Token ?? CancellationToken.None);

            // From none to twice the timeout, and often about as long as an answer takes.
            impatient?.CancelAfter(TimeSpan.FromMilliseconds(random.Next(2) == 0 ? random.Next(2) : random.Next(200)));
            try
            {
                // Every answer is the value of its own key: no object serves two calls.
                Assert.Equal((byte)key, Assert.Single(await answer ?? []));
                Interlocked.Increment(ref _answered);
            }
            catch (RedisUnavailableException e) when (e.Failure is RedisFailure.TimedOut)
            {
                Interlocked.Increment(ref _timedOut);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _givenUp);
            }
        }
    }

    private static async ValueTask<bool> TrySetAsync(RedisConnection connection, RedisName name, byte[] value)
    {
        try
        {
            await connection.SetAsync(name, value, expiry: null, CancellationToken.None);
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }
}

using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class FlightQueueTests
{
    private const int Failed = -1;

    [Fact]
    public async Task Land_TheFirstOnesBlock_TheOthersGoOnAndTheFlightTurnsRound()
    {
        var (sent, gate) = (new TaskCompletionSource(), new ManualResetEventSlim());
        var queue = new EchoQueue(_ => new(sent.Task.ContinueWith(_ => true, TaskScheduler.Default)));
        var alone = new[] { queue.AskAsync(0).AsTask(), queue.AskAsync(1).AsTask() };
        var blocked = 0;
        var calls = Enumerable.Range(2, 40).Select(i => Task.Run(async () =>
        {
            var answer = await queue.AskAsync(i);
            if (Interlocked.Increment(ref blocked) <= 3)
            {
                gate.Wait();
            }

            return answer;
        })).ToArray();
        await Eventually.HoldsAsync(() => queue.Waiting == 40, "all stand in line");

        sent.SetResult();

        try
        {
            Assert.Equal(0, await alone[0]);
            Assert.Equal(1, await alone[1]);
            await Eventually.HoldsAsync(() => calls.Count(c => c.IsCompletedSuccessfully) == 37, "all but the three that block have gone on");
            Assert.Equal(50, await queue.AskAsync(50));
        }
        finally
        {
            gate.Set();
        }

        Assert.Equal(Enumerable.Range(2, 40), await Task.WhenAll(calls));
        gate.Dispose();
    }

    [Fact]
    public async Task Join_FlightFailsAtOnce_EndsWithoutAHop()
    {
        var queue = new EchoQueue(_ => new(false));

        var call = queue.AskAsync(7);

        Assert.True(call.IsCompleted);
        Assert.Equal(Failed, await call);
    }

    [Fact]
    public async Task Join_FlightsThrow_AllOnBoardAreToldAndTheNextOnesFly()
    {
        var (flights, sent) = (0, new TaskCompletionSource<bool>());
        var queue = new EchoQueue(_ => Interlocked.Increment(ref flights) switch
        {
            <= 2 => new(sent.Task),
            <= 4 => throw new InvalidDataException("nonsense"),
            _ => new(true),
        });
        var calls = Enumerable.Range(0, 6).Select(i => queue.AskAsync(i).AsTask()).ToList();

        sent.SetResult(true);

        Assert.Equal((int[])[0, 1], await Task.WhenAll(calls.Take(2)));
        foreach (var call in calls.Skip(2).Append(queue.AskAsync(6).AsTask()))
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => call);
        }

        Assert.Equal(7, await queue.AskAsync(7));
        Assert.Equal(8, await queue.AskAsync(8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Join_ACrowdIsUnderWay_ItsLikesAwaitItsReturnAndNobodyElseDoes(bool someoneElseComes)
    {
        var sent = new ConcurrentQueue<(int Aboard, TaskCompletionSource<bool> Answer)>();
        var queue = new EchoQueue(
            aboard =>
            {
                var answer = new TaskCompletionSource<bool>();
                sent.Enqueue((aboard, answer));
                return new(answer.Task);
            },
            crowd: 3);
        var calls = Enumerable.Range(0, 5).Select(i => queue.AskAsync(i).AsTask()).ToList();
        sent.ElementAt(0).Answer.SetResult(true);
        await Eventually.HoldsAsync(() => sent.Count == 3, "a crowd has left");
        sent.ElementAt(1).Answer.SetResult(true);
        await calls[1];

        calls.Add(queue.AskAsync(5).AsTask());
        Assert.True(sent.Select(s => s.Aboard).SequenceEqual([1, 1, 3]), "who is like the crowd awaits it");
        if (someoneElseComes)
        {
            calls.Add(queue.AskAsync(EchoFlight.Loner).AsTask());
            Assert.True(sent.Select(s => s.Aboard).SequenceEqual([1, 1, 3, 2]), "who is not does not, and takes the others along");
        }

        sent.ElementAt(2).Answer.SetResult(true);
        await Eventually.HoldsAsync(() => sent.Count == 4, "a last one has left");
        sent.ElementAt(3).Answer.SetResult(true);
        Assert.Equal(someoneElseComes ? [0, 1, 2, 3, 4, 5, EchoFlight.Loner] : (int[])[0, 1, 2, 3, 4, 5], await Task.WhenAll(calls));
    }

    [Fact]
    public async Task Join_ManyCallersFailuresAndCancellations_EachEndsOnceAndTwoFlightsAreUnderWayAtMost()
    {
        var (underWay, most, flights) = (0, 0, 0);
        var queue = new EchoQueue(async _ =>
        {
            var now = Interlocked.Increment(ref underWay);
            most = Math.Max(most, now);
            var number = Interlocked.Increment(ref flights);
            if (number % 7 != 0)
            {
                await Task.Yield();
            }

            Interlocked.Decrement(ref underWay);
            return number % 11 != 0;
        });

        var sums = await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var (answered, failed, cancelled) = (0, 0, 0);
            for (var i = 0; i < 1_000; i++)
            {
                var number = (caller * 1_000) + i;
                using var leaving = new CancellationTokenSource();
                var call = queue.AskAsync(number, i % 5 == 0 ? leaving.Token : CancellationToken.None);
                if (i % 5 == 0)
                {
                    await leaving.CancelAsync();
                }

                try
                {
                    var answer = await call;
                    Assert.Contains(answer, new[] { number, Failed });
                    _ = answer == Failed ? failed++ : answered++;
                }
                catch (OperationCanceledException)
                {
                    cancelled++;
                }
            }

            return (answered, failed, cancelled);
        })));

        Assert.Equal(16_000, sums.Sum(s => s.answered + s.failed + s.cancelled));
        Assert.True(sums.Sum(s => s.answered) > 0 && sums.Sum(s => s.failed) > 0, $"{flights} flights");
        Assert.InRange(most, 1, 2);
    }

    private sealed class EchoQueue(Func<int, ValueTask<bool>> fly, int crowd = int.MaxValue) : FlightQueue<Echo, int, Echo>
    {
        private int _waiting;

        public int Waiting => Volatile.Read(ref _waiting);

        public ValueTask<int> AskAsync(int number, CancellationToken cancellationToken = default)
        {
            var caller = new Echo(number);
            var task = caller.BeginAsync(cancellationToken);
            Join(caller);
            return task;
        }

        protected override Flight<Echo, int, Echo> Create() => new EchoFlight(this, fly, crowd);

        protected override void Join_NeedsLock(Queue<Echo> waiting, Echo caller)
        {
            waiting.Enqueue(caller);
            Volatile.Write(ref _waiting, waiting.Count);
        }
    }

    private sealed class EchoFlight(EchoQueue queue, Func<int, ValueTask<bool>> fly, int crowd) : Flight<Echo, int, Echo>(queue)
    {
        public const int Loner = 1_000;

        public override bool HasRoom => Callers.Count < 64;

        public override bool IsWorthAwaiting_NeedsLock(Echo waiting) => Callers.Count >= crowd && waiting.Number != Loner;

        public override bool Board_NeedsLock(Echo waiting)
        {
            BoardAll_NeedsLock(waiting);
            return false;
        }

        public override void BoardAll_NeedsLock(Echo waiting)
        {
            if (waiting.IsWaiting)
            {
                Callers.Add(waiting);
            }
        }

        protected override async ValueTask<bool> FlyAsync()
        {
            if (!await fly(Callers.Count))
            {
                return false;
            }

            Callers.ForEach(caller => caller.Answer(caller.Number));
            return true;
        }

        public override void Fail() => Callers.ForEach(caller => caller.Answer(Failed));
    }

    private sealed class Echo(int number) : FlightCaller<int>, IValueTaskSource<int>
    {
        public int Number => number;

        public ValueTask<int> BeginAsync(CancellationToken cancellationToken) => new(this, Begin(cancellationToken));

        public int GetResult(short token)
        {
            _ = Take(token, out var answer);
            return answer;
        }
    }
}

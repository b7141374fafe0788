namespace ScaleKit.Admission.Tests;

public sealed class SeatTests
{
    /// <summary>
    /// The interleaving: two ends of one lease read that it lasts before either has written. Both threads run through the same seats; who is behind catches up,
    /// because who is ahead pays for the cache misses, so they meet often.
    /// </summary>
    [Fact]
    public async Task TryEnd_FromTwoThreads_SucceedsOnce()
    {
        using var queue = new AdmissionQueue();
        var room = new Room(queue, "a", 8);
        var seats = Enumerable.Range(0, 20_000).Select(_ => new Seat(room)).ToArray();
        for (var round = 0; round < 100; round++)
        {
            var generation = seats.Select(seat => seat.Begin()).Distinct().Single();
            var ended = 0;
            var arrived = 0;
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                _ = Interlocked.Increment(ref arrived);
                for (var spin = default(SpinWait); Volatile.Read(ref arrived) < 2;)
                {
                    spin.SpinOnce();
                }

                _ = Interlocked.Add(ref ended, seats.Count(seat => seat.TryEnd(generation)));
            })));

            Assert.Equal(seats.Length, ended);
        }
    }
}

namespace ScaleKit.Admission.Tests;

public sealed class WaiterTests
{
    /// <summary>
    /// The interleaving: a seat is granted while the visitor leaves, and both have read that it waits. One of the two must learn that it came second, or the seat
    /// is lost or given twice. Both threads run through the same waiters; who is behind catches up, because who is ahead pays for the cache misses.
    /// </summary>
    [Fact]
    public async Task TrySettle_FromTwoThreads_SucceedsOnce()
    {
        for (var round = 0; round < 50; round++)
        {
            var waiters = Enumerable.Range(0, 20_000).Select(_ => new Waiter(hasTicket: true)).ToArray();
            var settled = 0;
            var arrived = 0;
            await Task.WhenAll(new[] { WaiterState.Granted, WaiterState.Left }.Select(outcome => Task.Run(() =>
            {
                _ = Interlocked.Increment(ref arrived);
                for (var spin = default(SpinWait); Volatile.Read(ref arrived) < 2;)
                {
                    spin.SpinOnce();
                }

                _ = Interlocked.Add(ref settled, waiters.Count(waiter => waiter.TrySettle(outcome)));
            })));

            Assert.Equal(waiters.Length, settled);
        }
    }
}

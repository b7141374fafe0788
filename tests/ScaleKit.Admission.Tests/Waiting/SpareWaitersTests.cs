namespace ScaleKit.Admission.Tests;

public sealed class SpareWaitersTests
{
    [Fact]
    public void Take_AfterReturns_GivesEachOnceAndNoMoreThanItKeeps()
    {
        var spares = default(SpareWaiters);
        var waiters = Enumerable.Range(0, 20).Select(_ => new Waiter(hasTicket: false)).ToArray();
        foreach (var waiter in waiters)
        {
            spares.Return(waiter);
        }

        // Bounded: what is not taken out comes again and again.
        var taken = new List<Waiter>();
        while (taken.Count < waiters.Length && spares.Take_NeedsLock() is { } waiter)
        {
            taken.Add(waiter);
        }

        Assert.Equal(8, taken.Distinct().Count());
        Assert.Equal(8, taken.Count);
    }

    /// <summary>The interleaving: a slot is found empty by two at once, or filled while it is being emptied. One may be forgotten, none may be there twice.</summary>
    [Fact]
    public async Task Take_WhileOthersReturn_GivesNoneTwice()
    {
        var box = new Box();
        var returning = 2;
        var taken = new HashSet<Waiter>(ReferenceEqualityComparer.Instance);
        var returners = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                box.Spares.Return(new Waiter(hasTicket: false));
            }

            _ = Interlocked.Decrement(ref returning);
        })).ToArray();
        var isOver = false;
        while (box.Spares.Take_NeedsLock() is { } waiter ? taken.Add(waiter) : !isOver)
        {
            isOver = Volatile.Read(ref returning) == 0;
        }

        await Task.WhenAll(returners);
        Assert.True(isOver, "One was taken twice.");
        Assert.NotEmpty(taken);
    }

    private sealed class Box
    {
        public SpareWaiters Spares;
    }
}

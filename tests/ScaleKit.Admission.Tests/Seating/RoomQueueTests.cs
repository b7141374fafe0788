namespace ScaleKit.Admission.Tests;

public sealed class RoomQueueTests
{
    /// <summary>
    /// Removing the first leaves the link of the next as it was. Whoever follows it walks to one that has gone: a place is wrong then, or one who comes back stands
    /// where nobody finds it.
    /// </summary>
    [Fact]
    public void Line_AnyArrivalsReturnsAndDepartures_IsTheListInOrderOfTheNumbers()
    {
        using var crowd = new Crowd();
        var room = new Room(crowd.Queue, "a", capacity: 1);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var line = default(RoomQueue);
            var expected = new List<Waiter>();
            var gone = new Queue<Waiter>();
            for (var number = 1; number < 60; number++)
            {
                if (expected.Count > 0 && random.Next(2) == 0)
                {
                    var leaver = expected[random.Next(2) == 0 ? 0 : random.Next(expected.Count)];
                    _ = expected.Remove(leaver);
                    line.Remove(leaver);
                    gone.Enqueue(leaver);
                }

                // Some are used again for others, and some of them come back to an earlier place.
                var comer = random.Next(3) == 0 && gone.TryDequeue(out var used) ? used : new Waiter(hasTicket: false);
                var place = ((random.Next(3) == 0 ? random.Next(number) : number) * 100L) + number;
                comer.Begin(room, new AdmissionRequest("a"), AdmissionCap.Room, TimeSpan.Zero, place, mayLeave: false);
                line.Insert(comer);
                expected.Insert(expected.Count(other => other.Number < comer.Number), comer);

                Assert.Equal(expected, line.All());
                Assert.Equal(Enumerable.Range(1, expected.Count), expected.Select(waiter => line.PlaceOf(waiter)));
                Assert.Same(expected[^1], line.Next(burst: 1, newestFirst: true));
            }
        }
    }

    [Fact]
    public void PlaceOf_FartherThanTheWalkMayBe_IsNotKnown()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var tickets = Enumerable.Range(0, 3).Select(_ => crowd.Wait("a").Waiter!).ToArray();

        Assert.Equal([1, 2, 0], tickets.Select(waiter => waiter.Room.Visitors.PlaceOf(waiter, most: 2)));
    }
}

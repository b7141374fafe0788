using ChatRooms;
using ScaleKit.Migration;

namespace ScaleKit.Analysis.Chaos;

/// <summary>How the migration walks: a function of the seed alone. From the first phase to the last and back to the first, again and again; each way turns round once, for one rung.</summary>
public static class MigrationSchedule
{
    /// <summary>Without an end.</summary>
    public static IEnumerable<Rung> Of(int seed)
    {
        // Its own stream of numbers: how far the walk gets has no say in what else is done.
        var random = new Random(~seed);
        const int Last = (int)MigrationPhase.NewOnly;
        for (var (at, up) = (0, true); true; up = !up)
        {
            var (end, on) = up ? (Last, 1) : (0, -1);
            var turn = random.Next(1, Last);
            while (at != end)
            {
                at += on;
                yield return RungAt(at);
                if (at == turn)
                {
                    yield return RungAt(at - on);
                    yield return RungAt(at);
                }
            }
        }

        Rung RungAt(int at) => new(MigrationControl.Letters[at], random.Next(FaultSchedule.Nodes), TimeSpan.FromMilliseconds(random.Next(1_000, 5_001)));
    }
}

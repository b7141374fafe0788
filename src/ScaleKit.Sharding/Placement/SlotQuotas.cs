namespace ScaleKit.Sharding;

/// <summary>How many slots each shard is due: the largest remainder method (Hamilton), so every count is within one slot of its exact share.</summary>
internal static class SlotQuotas
{
    /// <param name="weights">In the order of the shards' ids.</param>
    /// <param name="slots">How many there are to give.</param>
    /// <param name="current">What each shard holds now. Who already holds the rounded-up count keeps it, so that rounding alone moves nothing.</param>
    public static int[] Compute(double[] weights, int slots, int[]? current = null)
    {
        var total = 0.0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        var quotas = new int[weights.Length];
        var remainders = new double[weights.Length];
        var left = slots;
        for (var i = 0; i < weights.Length; i++)
        {
            var exact = slots * weights[i] / total;
            quotas[i] = (int)exact;
            remainders[i] = exact - quotas[i];
            left -= quotas[i];
        }

        foreach (var i in Order(remainders, quotas, current))
        {
            if (left == 0)
            {
                break;
            }

            quotas[i]++;
            left--;
        }

        return quotas;
    }

    private static int[] Order(double[] remainders, int[] quotas, int[]? current)
    {
        var order = new int[remainders.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        bool Keeps(int i) => current is not null && current[i] > quotas[i] && remainders[i] > 0;
        Array.Sort(order, (a, b) =>
        {
            var byHeld = Keeps(b).CompareTo(Keeps(a));
            var byRemainder = byHeld != 0 ? byHeld : remainders[b].CompareTo(remainders[a]);
            return byRemainder != 0 ? byRemainder : a.CompareTo(b);
        });
        return order;
    }
}

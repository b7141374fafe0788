using Microsoft.Extensions.Options;
using ScaleKit.Admission;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>The caps and limits that the nodes have, from the same file and environment.</summary>
internal static class NodeSettings
{
    public static (AdmissionOptions Caps, RateLimitOptions Limits) Read()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json")).AddEnvironmentVariables().Build());
        services.AddAdmissionQueue();
        services.AddScaleKitRateLimiting();
        using var provider = services.BuildServiceProvider();
        return (provider.GetRequiredService<IOptions<AdmissionOptions>>().Value, provider.GetRequiredService<IOptions<RateLimitOptions>>().Value);
    }
}

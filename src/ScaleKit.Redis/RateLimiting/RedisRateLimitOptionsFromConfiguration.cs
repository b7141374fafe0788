using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ScaleKit.Redis;

/// <summary>Binds the options where a configuration is registered; none is required.</summary>
internal sealed class RedisRateLimitOptionsFromConfiguration(IServiceProvider services) : IConfigureOptions<RedisRateLimitOptions>
{
    public void Configure(RedisRateLimitOptions options) =>
        services.GetService<IConfiguration>()?.GetSection(RedisRateLimitOptions.SectionName).Bind(options);
}
